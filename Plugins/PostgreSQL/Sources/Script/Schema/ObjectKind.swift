/// The kinds of objects, with the same names as in the catalog: what a statement names must be found there.
enum ObjectKind {
  static let table = "table"
  static let column = "column"
  /// Only columns with a comment or privileges of their own.
  static let viewColumn = "view_column"
  static let defaultValue = "default"
  static let constraint = "constraint"
  static let index = "index"
  static let view = "view"
  static let materializedView = "materialized_view"
  static let sequence = "sequence"
  static let type = "type"
  static let function = "function"
  static let procedure = "procedure"
  static let aggregate = "aggregate"
  static let trigger = "trigger"
  static let rule = "rule"
  static let policy = "policy"
  static let statistics = "statistics"
  static let schema = "schema"
  static let `extension` = "extension"
  static let role = "role"
  static let setting = "setting"
  static let database = "database"
  static let defaultACL = "default_acl"
  static let largeObject = "large_object"
  /// Told once more beside the definition of what is granted: by the grantee, with a column's name in parentheses.
  static let grant = "grant"
  static let acl = "acl"

  /// Objects that are identified by their name alone, by the parser's word for them.
  static let plain: [String: String] = [
    "OBJECT_SCHEMA": schema, "OBJECT_EXTENSION": `extension`, "OBJECT_PUBLICATION": "publication",
    "OBJECT_SUBSCRIPTION": "subscription", "OBJECT_EVENT_TRIGGER": "event_trigger",
    "OBJECT_FOREIGN_SERVER": "foreign_server", "OBJECT_FDW": "foreign_data_wrapper", "OBJECT_LANGUAGE": "language",
    "OBJECT_ACCESS_METHOD": "access_method", "OBJECT_ROLE": role, "OBJECT_DATABASE": database,
    "OBJECT_TABLESPACE": "tablespace",
  ]

  /// Objects in a schema, by the parser's word for them.
  static let inSchema: [String: String] = [
    "OBJECT_COLLATION": "collation", "OBJECT_CONVERSION": "conversion",
    "OBJECT_TSPARSER": "text_search_parser", "OBJECT_TSDICTIONARY": "text_search_dictionary",
    "OBJECT_TSTEMPLATE": "text_search_template", "OBJECT_TSCONFIGURATION": "text_search_configuration",
    "OBJECT_OPERATOR": "operator", "OBJECT_OPCLASS": "operator_class", "OBJECT_OPFAMILY": "operator_family",
  ]

  /// Objects that belong to a table, by the parser's word for them.
  static let onTable: [String: String] = [
    "OBJECT_TRIGGER": trigger, "OBJECT_RULE": rule, "OBJECT_POLICY": policy, "OBJECT_TABCONSTRAINT": constraint,
  ]

  static let relations: Set<String> = [
    "OBJECT_TABLE", "OBJECT_FOREIGN_TABLE", "OBJECT_VIEW", "OBJECT_MATVIEW", "OBJECT_SEQUENCE", "OBJECT_INDEX",
  ]
  static let routines: Set<String> = ["OBJECT_FUNCTION", "OBJECT_PROCEDURE", "OBJECT_ROUTINE", "OBJECT_AGGREGATE"]
  static let types: Set<String> = ["OBJECT_TYPE", "OBJECT_DOMAIN"]
}

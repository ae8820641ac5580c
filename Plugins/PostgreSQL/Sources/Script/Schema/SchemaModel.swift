/// A name with its schema.
struct QualifiedName: Hashable {
  var schema: String
  var name: String
}

/// What a script's names refer to: the live schema when the script begins, then as each statement changes it.
struct SchemaModel {
  struct Column {
    var name: String
    /// As the server spells it; for a column that the script creates, as the script spells it.
    var type: String
    var isNotNull = false
    var hasDefault = false
  }

  struct Constraint {
    enum Kind: String {
      case check = "c", foreignKey = "f", primaryKey = "p", unique = "u", trigger = "t", exclusion = "x"
    }
    var name: String
    var kind: Kind
    var isValidated = true
    var columns: [String] = []
    /// The text of a CHECK.
    var text = ""
  }

  struct Relation {
    enum Kind: String {
      case table = "r"
      case partitioned = "p"
      case foreign = "f"
      case view = "v"
      case materializedView = "m"
      case sequence = "S"
      case index = "i"
      case partitionedIndex = "I"
      case composite = "c"
      case toast = "t"
    }

    var name: QualifiedName
    var kind: Kind
    var columns: [Column] = []
    var constraints: [Constraint] = []
    var parents: [Int] = []
    var children: [Int] = []
    /// Columns that determine the partition of a row; nil: an expression does.
    var partitionKey: [String]? = []
    /// An index's or owned sequence's table.
    var table: Int?
    /// An owned sequence's column.
    var ownerColumn: String?
    /// The planner's estimate; below 0: unknown.
    var rows: Int64 = 0
    var bytes: Int64 = 0
    /// Columns of its table that an index cannot exist without: those of its key, of its condition, of its expressions.
    var needs: Set<String> = []
    /// The relations that a view reads.
    var reads: [Int] = []
    /// Has rules or INSTEAD OF triggers: a write to it may write to something else.
    var isRewritten = false
    /// Created by the script.
    var isNew = false

    /// The name as in the catalog.
    var objectKind: String {
      switch kind {
      case .table, .partitioned, .foreign, .toast: ObjectKind.table
      case .view: ObjectKind.view
      case .materializedView: ObjectKind.materializedView
      case .sequence: ObjectKind.sequence
      case .index, .partitionedIndex: ObjectKind.index
      case .composite: ObjectKind.type
      }
    }

    var isTable: Bool { objectKind == ObjectKind.table }
    var isIndex: Bool { objectKind == ObjectKind.index }
  }

  struct Routine {
    var name: QualifiedName
    /// The kind as in the catalog: function, procedure, aggregate.
    var kind: String
    /// Types, as the server spells them with an empty search path, separated by ", ".
    var arguments: String
    var isVolatile: Bool
    /// Its extension; empty: none.
    var extensionName: String

    /// A routine's name in the catalog includes its arguments, because of overloading.
    var signature: String { "\(name.name)(\(arguments))" }
  }

  struct UserType {
    enum Form: String {
      case enumeration = "e", domain = "d", composite = "c", range = "r", multirange = "m", base = "b", pseudo = "p"
    }
    var name: QualifiedName
    var form: Form
  }

  /// The server's own, by name: tables and views of pg_catalog, types, functions.
  struct ServerNames {
    var relations: Set<String> = []
    var types: Set<String> = []
    var routines: Set<String> = []
  }

  var schemas: Set<String> = []
  var server = ServerNames()
  private(set) var relations: [Int: Relation] = [:]
  private(set) var names: [QualifiedName: Int] = [:]
  /// The indexes and owned sequences of each table.
  private var belongingIDs: [Int: Set<Int>] = [:]
  var routines: [Routine] = []
  var types: [QualifiedName: UserType] = [:]
  /// Extended statistics, each with its table.
  var statistics: [QualifiedName: Int] = [:]
  /// Columns that extended statistics are about.
  var statisticsColumns: [QualifiedName: Set<String>] = [:]
  /// Who was granted something on a relation when the script begins.
  var grantees: [Int: Set<String>] = [:]
  /// Grants on single columns, by table and column: how the catalog calls each.
  var columnGrants: [Int: [String: [String]]] = [:]
  /// As it was set, including "$user".
  var searchPath: [String] = []
  var initialSearchPath: [String] = []
  var user = ""
  var initialUser = ""
  var serverVersion = 0
  /// Statements of PREPARE, by name.
  var prepared: [String: SyntaxNode] = [:]
  /// An extension, a DO block or something else that belay does not analyze may have created objects.
  var hasUnknown = false
  private var nextNew = -1

  // MARK: Names

  /// Temporary tables first, then the existing schemas of the path.
  var schemasInPath: [String] {
    ["pg_temp"] + searchPath.map { $0 == "$user" ? user : $0 }.filter { schemas.contains($0) && $0 != "pg_temp" }
  }

  /// The schema in which an object with an unqualified name is created; nil: none.
  var creationSchema: String? { schemasInPath.first { $0 != "pg_temp" && $0 != "pg_catalog" } }

  /// The relation that a name refers to.
  func relationID(_ name: String, schema: String? = nil) -> Int? {
    if let schema { return names[QualifiedName(schema: temporary(schema), name: name)] }
    for schema in schemasInPath {
      // Where the path does not name it, pg_catalog comes before all but the temporary tables.
      if schema != "pg_temp", !searchPath.contains("pg_catalog"), server.relations.contains(name) { return nil }
      if let id = names[QualifiedName(schema: schema, name: name)] { return id }
    }
    return nil
  }

  func typeName(_ path: [String]) -> UserType? {
    guard let name = path.last else { return nil }
    if path.count > 1 { return types[QualifiedName(schema: path[path.count - 2], name: name)] }
    for schema in schemasInPath {
      if let type = types[QualifiedName(schema: schema, name: name)] { return type }
    }
    return nil
  }

  /// All overloads that a name may refer to.
  func routines(_ path: [String]) -> [Routine] {
    guard let name = path.last else { return [] }
    if path.count > 1 {
      let schema = path[path.count - 2]
      return routines.filter { $0.name.name == name && $0.name.schema == schema }
    }
    let schemas = Set(schemasInPath)
    return routines.filter { $0.name.name == name && schemas.contains($0.name.schema) }
  }

  /// A relation, by its name with or without its schema, is the server's own.
  func isServers(_ path: [String]) -> Bool {
    guard let name = path.last else { return false }
    if path.count > 1 { return Self.serverSchemas.contains(path[path.count - 2]) }
    return server.relations.contains(name)
  }

  /// The same of a type or a function.
  func isServers(_ path: [String], among names: Set<String>) -> Bool {
    guard let name = path.last else { return false }
    return path.count > 1 ? Self.serverSchemas.contains(path[path.count - 2]) : names.contains(name)
  }

  private static let serverSchemas: Set<String> = ["pg_catalog", "information_schema", "pg_toast"]

  private func temporary(_ schema: String) -> String { schema.hasPrefix("pg_temp_") ? "pg_temp" : schema }

  // MARK: Relations

  subscript(_ id: Int) -> Relation? { relations[id] }

  /// The relation with everything below it: partitions, or inheriting tables.
  func family(of id: Int) -> [Int] {
    var found: [Int] = []
    var waiting = [id]
    while let next = waiting.popLast() {
      guard !found.contains(next) else { continue }
      found.append(next)
      waiting += (relations[next]?.children ?? []).reversed()
    }
    return found
  }

  /// The name of the table that an index or owned sequence belongs to; empty for everything else.
  func parent(of relation: Relation) -> String { relation.table.flatMap { relations[$0]?.name.name } ?? "" }

  /// Indexes and owned sequences.
  func belongings(of id: Int) -> [Relation] {
    (belongingIDs[id] ?? []).compactMap { relations[$0] }.sorted { $0.name.name < $1.name.name }
  }

  mutating func load(_ relation: Relation, id: Int) {
    let before = relations[id]?.table
    if before != relation.table {
      if let before { belongingIDs[before]?.remove(id) }
      if let table = relation.table { belongingIDs[table, default: []].insert(id) }
    }
    relations[id] = relation
    names[relation.name] = id
  }

  @discardableResult
  mutating func add(_ relation: Relation) -> Int {
    var relation = relation
    relation.isNew = true
    let id = nextNew
    nextNew -= 1
    load(relation, id: id)
    for parent in relation.parents { relations[parent]?.children.append(id) }
    return id
  }

  mutating func change(_ id: Int, _ body: (inout Relation) -> Void) {
    guard var relation = relations[id] else { return }
    names[relation.name] = nil
    body(&relation)
    load(relation, id: id)
  }

  /// Removes a relation and what belongs to it, including partitions.
  mutating func remove(_ id: Int) {
    guard let relation = relations[id] else { return }
    if relation.kind == .partitioned {
      for child in relation.children { remove(child) }
    }
    for belonging in belongingIDs.removeValue(forKey: id) ?? [] { remove(belonging) }
    if let table = relation.table { belongingIDs[table]?.remove(id) }
    for parent in relation.parents { relations[parent]?.children.removeAll { $0 == id } }
    names[relation.name] = nil
    relations[id] = nil
  }

  /// What a session of its own would have: what the script has set for this one is gone.
  mutating func endSession() {
    searchPath = initialSearchPath
    user = initialUser
    prepared = [:]
    forgetTemporary()
  }

  /// Temporary objects end with their session.
  mutating func forgetTemporary() {
    for id in relations.keys where relations[id]?.name.schema == "pg_temp" { remove(id) }
    routines.removeAll { $0.name.schema == "pg_temp" }
    types = types.filter { $0.key.schema != "pg_temp" }
    statistics = statistics.filter { $0.key.schema != "pg_temp" }
  }

  mutating func link(_ child: Int, to parent: Int) {
    relations[child]?.parents.append(parent)
    relations[parent]?.children.append(child)
  }

  mutating func unlink(_ child: Int, from parent: Int) {
    relations[child]?.parents.removeAll { $0 == parent }
    relations[parent]?.children.removeAll { $0 == child }
  }

  /// The name that the server gives to an index, constraint or sequence without an explicit name.
  func chosenName(_ table: String, _ column: String, _ label: String, in schema: String) -> String {
    var number = 0
    while true {
      let end = label + (number == 0 ? "" : String(number))
      let name = Self.joined(table, column, end)
      if names[QualifiedName(schema: schema, name: name)] == nil { return name }
      number += 1
    }
  }

  /// Names have at most 63 bytes: the longer of the two parts is truncated first.
  private static func joined(_ first: String, _ second: String, _ label: String) -> String {
    var (one, two) = (first, second)
    let overhead = label.utf8.count + 1 + (second.isEmpty ? 0 : 1)
    while one.utf8.count + two.utf8.count + overhead > 63 {
      if one.utf8.count >= two.utf8.count { one.removeLast() } else { two.removeLast() }
    }
    return [one, two, label].filter { !$0.isEmpty }.joined(separator: "_")
  }
}

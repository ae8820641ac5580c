/// How the server spells a type that the parser has parsed.
enum TypeSpelling {
  private static let standard: [String: String] = [
    "int2": "smallint", "int4": "integer", "int8": "bigint", "float4": "real", "float8": "double precision",
    "bool": "boolean", "varchar": "character varying", "bpchar": "character", "varbit": "bit varying",
    "timestamp": "timestamp without time zone", "timestamptz": "timestamp with time zone",
    "time": "time without time zone", "timetz": "time with time zone", "decimal": "numeric",
  ]

  /// With its length or precision.
  static func text(_ node: SyntaxNode, in model: SchemaModel) -> String {
    let modifiers = node["typmods"].items.map { String($0.as("A_Const")?["ival"]["ival"].number ?? 0) }
    let name = base(node, in: model)
    guard !modifiers.isEmpty else { return name + brackets(node) }
    let list = "(" + modifiers.joined(separator: ",") + ")"
    // timestamp(3) with time zone
    if let space = name.firstIndex(of: " "), name.hasPrefix("time") {
      return name[..<space] + list + name[space...] + brackets(node)
    }
    return name + list + brackets(node)
  }

  /// As in a function's signature: with its schema, unless it is built in.
  static func argument(_ node: SyntaxNode, in model: SchemaModel) -> String {
    guard let type = model.typeName(node["names"].path) else { return base(node, in: model) + brackets(node) }
    return "\(SQLName.shown(type.name.schema)).\(SQLName.shown(type.name.name))\(brackets(node))"
  }

  private static func brackets(_ node: SyntaxNode) -> String { node["arrayBounds"].items.isEmpty ? "" : "[]" }

  private static func base(_ node: SyntaxNode, in model: SchemaModel) -> String {
    let path = node["names"].path
    guard let name = path.last else { return "" }
    if path.count == 1 || path.first == "pg_catalog" {
      if let type = model.typeName(path), path.count == 1 { return SQLName.shown(type.name.name) }
      return standard[name] ?? name
    }
    return path.map(SQLName.shown).joined(separator: ".")
  }
}

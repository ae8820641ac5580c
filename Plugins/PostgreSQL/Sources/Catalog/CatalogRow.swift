import BelayDriverKit

/// One object as its `ObjectQuery` reads it.
struct CatalogRow {
  let address: Address
  /// A column's number; 0 for everything else.
  let sub: Int
  let relation: Address?
  let rank: Int
  /// The rank of the statements in `late`.
  private(set) var late: String
  /// A stub of the same name and shape, if the object can be part of a cycle; and the types that the stub needs.
  let stub: String?
  let stubTypes: [Address]
  var object: SchemaObject

  /// A row of a system catalog.
  struct Address: Hashable {
    let catalog: UInt32
    let oid: UInt32
    /// Some objects have none, e.g. settings: nothing depends on them.
    var isNone: Bool { oid == 0 }
    static let pgClass: UInt32 = 1259
    static let pgType: UInt32 = 1247
  }

  init(_ row: [String?]) {
    func text(_ column: Int) -> String { row[column] ?? "" }
    address = Address(catalog: UInt32(text(0)) ?? 0, oid: UInt32(text(1)) ?? 0)
    sub = Int(text(18)) ?? 0
    let relation = UInt32(text(2)) ?? 0
    self.relation = relation == 0 ? nil : Address(catalog: Address.pgClass, oid: relation)
    rank = Rank.of(row[3] ?? text(4))
    late = text(12)
    stub = row[15]
    stubTypes = text(16).split(separator: " ").compactMap {
      UInt32($0).map { Address(catalog: Address.pgType, oid: $0) }
    }
    let shared = text(17)
    let ddl = Self.lines(text(10), shared, text(11))
    object = SchemaObject(
      kind: text(4), schema: text(5), name: text(6), parent: text(7), nativeType: text(8),
      definition: row[9].map { Self.lines($0, shared) } ?? Self.lines(ddl, late), ddl: ddl,
      drop: Self.drop(kind: row[3] ?? text(4), name: text(6), table: text(7), schema: text(5)),
      flags: ObjectFlags(rawValue: UInt32(text(13)) ?? 0), rowEstimate: row[14].flatMap { Int($0) },
      id: address.isNone ? "" : "\(address.catalog)/\(address.oid)/\(sub)")
  }

  /// For what is not dropped by its name alone, and what keeps a table from being dropped.
  private static func drop(kind: String, name: String, table: String, schema: String) -> String? {
    let (name, table) = (SQLQuote.name(name), "\(SQLQuote.name(schema)).\(SQLQuote.name(table))")
    return switch kind {
    case "trigger": "DROP TRIGGER IF EXISTS \(name) ON \(table)"
    case "foreign_key": "ALTER TABLE IF EXISTS \(table) DROP CONSTRAINT IF EXISTS \(name)"
    default: nil
    }
  }

  private static func lines(_ parts: String...) -> String {
    parts.filter { !$0.isEmpty }.joined(separator: "\n")
  }

  /// For messages.
  var label: String {
    "\(object.kind) \(object.schema.isEmpty ? "" : object.schema + ".")\(object.name)"
  }

  /// An extension creates it.
  func withoutStatements() -> CatalogRow {
    var row = self
    row.object.ddl = ""
    row.late = ""
    return row
  }

  /// Orders objects of equal rank. Contains no OID, so that a copy has the same order.
  var sortKey: [String] { [object.schema, object.parent, object.name, object.kind] }
}

import BelayDriverKit
import CPostgreSQL

/// A result column's type, by the server's number; for a domain it is the base type's.
struct ColumnType: Hashable {
  let oid: Oid
  let modifier: Int32

  /// How its values are passed to the host.
  enum Form {
    case bool, integer, real, text, bytes, native
  }

  // The numbers of built-in types are the same in every server: src/include/catalog/pg_type.dat.
  var form: Form {
    switch oid {
    case 16: .bool
    case 20, 21, 23, 26: .integer
    case 700, 701: .real
    case 17: .bytes
    // name, text, json, xml, unknown, char(n), varchar
    case 19, 25, 114, 142, 705, 1042, 1043: .text
    default: .native
    }
  }
}

extension PostgreSQLConnection {
  /// The columns of a described result, with the server's names of their types.
  func columns(
    of result: OpaquePointer
  ) -> (types: [ColumnType], names: [String]) {
    let width = PQnfields(result)
    let types = (0..<width).map { ColumnType(oid: PQftype(result, $0), modifier: PQfmod(result, $0)) }
    return (types, (0..<width).map { String(cString: PQfname(result, $0)) })
  }

  /// Asks the server for names that are not known yet. Must not be called while a request is running.
  func learnNames(of types: [ColumnType], _ operation: Operation) throws(DriverFailure) {
    let unknown = Set(types.filter { typeNames[$0] == nil })
    guard !unknown.isEmpty else { return }
    let ordered = Array(unknown)
    let names = ordered.map { "pg_catalog.format_type(\($0.oid), \($0.modifier))" }
    let reply = try link.run("SELECT " + names.joined(separator: ", "), operation: operation)
    for (type, name) in zip(ordered, reply.rows.first ?? []) { typeNames[type] = name ?? "" }
  }
}

import BelayDrivers
import DriverTesting
import Foundation
import Testing

@Suite struct CatalogRecreationTests {
  /// What makes two catalogs the same: a line per object, in the catalog's order.
  static func lines(_ catalog: Catalog) -> [String] {
    catalog.objects.map {
      "\($0.kind) \($0.schema) \($0.parent) \($0.name) [\($0.nativeType)] \($0.flags.rawValue): \($0.definition)"
    }
  }

  static func catalog(_ database: String) throws -> Catalog {
    let connection = try BuiltDriver.open(database)
    defer { connection.close() }
    return try connection.catalog(operation: Operation())
  }

  static func museum() throws -> String {
    let server = try PostgreSQLServer.shared()
    try server.psql(CatalogMuseum.roles)
    let name = PostgreSQLServer.freshName("museum")
    try server.psql("CREATE DATABASE \"\(name)\" TEMPLATE template0")
    try server.psql(CatalogMuseum.sql, database: name)
    return name
  }

  @Test func `the ddl of every object in its order makes the same database again`() throws {
    let server = try PostgreSQLServer.shared()
    let museum = try Self.museum()
    let catalog = try Self.catalog(museum)
    let copy = PostgreSQLServer.freshName("copy")
    try server.psql("CREATE DATABASE \"\(copy)\" TEMPLATE template0")
    defer {
      try? server.dropDatabase(museum)
      try? server.dropDatabase(copy)
    }
    let connection = try BuiltDriver.open(copy)
    defer { connection.close() }
    try connection.execute(connection.traits.loadBegin, operation: Operation())
    for object in catalog.objects where !object.ddl.isEmpty {
      do {
        try connection.execute(object.ddl, operation: Operation())
      } catch {
        Issue.record("\(object.kind) \(object.schema).\(object.name): \(error)\n\(object.ddl)")
        return
      }
    }
    try connection.execute(connection.traits.loadEnd, operation: Operation())
    Self.expectEqual(Self.lines(try Self.catalog(copy)), Self.lines(catalog))
    let dumps = try [museum, copy].map { try server.dump($0, arguments: ["-s"]) }
    Self.expectEqual(dumps[1].components(separatedBy: "\n"), dumps[0].components(separatedBy: "\n"))
  }

  /// Names the lines that differ, not two catalogs.
  static func expectEqual(_ found: [String], _ expected: [String], _ label: String = "") {
    let difference = found.difference(from: expected)
    #expect(difference.isEmpty)
    for change in difference {
      switch change {
      case .insert(_, let line, _): Issue.record("\(label)+ \(line)")
      case .remove(_, let line, _): Issue.record("\(label)- \(line)")
      }
    }
  }
}

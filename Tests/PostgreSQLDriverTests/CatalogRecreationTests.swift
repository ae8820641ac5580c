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

  private static let roles = Result { _ = try PostgreSQLServer.shared().psql(CatalogMuseum.roles) }

  static func database(_ label: String, _ sql: String) throws -> String {
    let server = try PostgreSQLServer.shared()
    try roles.get()
    let name = PostgreSQLServer.freshName(label)
    try server.psql("CREATE DATABASE \"\(name)\" TEMPLATE template0")
    try server.psql(sql, database: name)
    return name
  }

  /// What servers since November 2026 write beside each column's options, and older ones refuse in a statement.
  private static let versions = """
    SET allow_system_table_mods = on;
    UPDATE pg_attribute SET attoptions = array_prepend('pg_attver=' || attnum, attoptions)
      WHERE attnum > 0 AND attrelid IN (SELECT oid FROM pg_class WHERE oid >= 16384 AND relkind IN ('r', 'p', 'f', 'm'))
        AND coalesce(array_to_string(attoptions, ' '), '') !~ 'pg_attver'
    """

  /// An empty database, gone after the test.
  static func withCopy(_ body: (_ name: String, _ connection: Connection) throws -> Void) throws {
    let server = try PostgreSQLServer.shared()
    let name = PostgreSQLServer.freshName("copy")
    try server.psql("CREATE DATABASE \"\(name)\" TEMPLATE template0")
    let connection = try BuiltDriver.open(name)
    let result = Result { try body(name, connection) }
    connection.close()
    try server.dropDatabase(name)
    try result.get()
  }

  @Test func `a dump restored elsewhere, with what it does not hold, has the same catalog`() throws {
    let server = try PostgreSQLServer.shared()
    let museum = try Self.database("museum", CatalogMuseum.sql)
    let catalog = try Self.catalog(museum)
    let dump = "\(NSTemporaryDirectory())/\(museum).dump"
    try server.run("pg_dump", ["-Fc", "-f", dump, "-d", server.url(museum)])
    defer { try? FileManager.default.removeItem(atPath: dump) }  // in the system's folder for temporary files
    try Self.withCopy { copy, connection in
      let firstTable = try #require(catalog.objects.firstIndex { $0.kind == "table" })
      let outside = catalog.objects.indices.filter { catalog.objects[$0].flags.contains(.outsideDump) }
      #expect(outside.contains { $0 < firstTable } && outside.contains { $0 > firstTable })
      for index in outside where index < firstTable {
        try connection.execute(catalog.objects[index].ddl, operation: Operation())
      }
      try server.run("pg_restore", ["--exit-on-error", "-d", server.url(copy), dump])
      for index in outside where index > firstTable {
        try connection.execute(catalog.objects[index].ddl, operation: Operation())
      }
      Self.expectEqual(Self.lines(try Self.catalog(copy)), Self.lines(catalog))
      // What is outside the dump does no harm where it is there already.
      for index in outside { try connection.execute(catalog.objects[index].ddl, operation: Operation()) }
      Self.expectEqual(Self.lines(try Self.catalog(copy)), Self.lines(catalog), "again ")
    }
    try server.dropDatabase(museum)
  }

  @Test(arguments: CatalogMuseum.Room.allCases)
  func `the ddl of every object in its order makes the same database again`(_ room: CatalogMuseum.Room) throws {
    let server = try PostgreSQLServer.shared()
    let museum = try Self.database("museum", room.sql)
    try server.psql(Self.versions, database: museum)
    let catalog = try Self.catalog(museum)
    #expect(!catalog.objects.contains { $0.ddl.contains("pg_attver") || $0.definition.contains("pg_attver") })
    try Self.withCopy { copy, connection in
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
      // A pg_dump that is older than the server writes them.
      let dumps = try [museum, copy].map { database in
        try server.dump(database, arguments: ["-s"]).replacing(#/pg_attver=\d+, /#, with: "")
          .components(separatedBy: "\n").filter { !$0.contains("pg_attver=") }
      }
      Self.expectEqual(dumps[1], dumps[0], "pg_dump ")
    }
    try server.dropDatabase(museum)
  }

  /// Names the lines that differ, not two catalogs.
  static func expectEqual(_ found: [String], _ expected: [String], _ label: String = "") {
    let difference = found.difference(from: expected)
    if difference.isEmpty { return }
    for change in difference {
      switch change {
      case .insert(_, let line, _): Issue.record("\(label)+ \(line)")
      case .remove(_, let line, _): Issue.record("\(label)- \(line)")
      }
    }
  }
}

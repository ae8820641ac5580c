import BelayABI
import BelayArchive
import BelayBase
import BelayDrivers
import Testing

@testable import BelayDatabase

@Suite("Which objects a backup of some tables holds")
struct ScopedCatalogTests {
  @Test(
    "a pattern is a name with * and ?, with or without a schema, or quoted and then taken as it is",
    arguments: [
      ("log", "public", "log", true), ("log", "public", "logs", false), ("log*", "audit", "log_2026", true),
      ("*.log", "audit", "log", true), ("audit.*", "audit", "x", true), ("audit.*", "public", "x", false),
      ("l?g", "", "lag", true), ("l?g", "", "lg", false), ("*a*b*", "", "xaxxbx", true), ("*a*b", "", "xaxxbx", false),
      ("**", "", "x", true), ("", "", "x", false), ("\"a*b\"", "", "a*b", true), ("\"a*b\"", "", "axb", false),
      ("a.b", "", "a.b", true), ("\"odd \"\"s\"\"\".t", "odd \"s\"", "t", true), ("Log", "", "log", false),
    ])
  func patterns(typed: String, schema: String, name: String, matches: Bool) {
    #expect(TablePattern(typed).matches(TableName(schema: schema, name: name)) == matches)
  }

  private func table(_ name: String, _ ddl: String = "", schema: String = "s", _ flags: ObjectFlags = [])
    -> SchemaObject
  {
    SchemaObject(kind: "table", schema: schema, name: name, definition: ddl, ddl: ddl, flags: flags)
  }

  private func object(_ kind: String, _ name: String, of parent: String = "", _ ddl: String, schema: String = "s")
    -> SchemaObject
  {
    SchemaObject(kind: kind, schema: schema, name: name, parent: parent, definition: ddl, ddl: ddl)
  }

  private func without(_ excluded: String..., in objects: [SchemaObject]) throws -> ScopedCatalog {
    var scope = BackupScope()
    scope.excludedTables = excluded
    return try ScopedCatalog(Catalog(objects: objects), scope)
  }

  @Test("what names a table that is left out goes too, and what names that, but no column that is called like it")
  func mentions() throws {
    let part = try without(
      "status",
      in: [
        table("status", "CREATE TABLE s.status (id int);"), table("orders", "CREATE TABLE s.orders (status int);"),
        object("view", "a", "CREATE VIEW s.a AS SELECT o.status FROM s.orders o;"),
        object("view", "b", "CREATE VIEW s.b AS SELECT * FROM s.status;"),
        object("view", "c", "CREATE VIEW s.c AS SELECT * FROM \"s\".b;"),
        object("view", "d", "CREATE VIEW s.d AS SELECT 's.statuses', x.status.y;"),
        object("function", "state", "CREATE FUNCTION s.state() RETURNS int AS 'SELECT 1';"),
        object(
          "foreign_key", "fk", of: "orders", "ALTER TABLE s.orders ADD FOREIGN KEY (status) REFERENCES s.status(id);"),
        object("index", "i", of: "orders", "CREATE INDEX i ON s.orders (status);"),
      ])
    #expect(part.catalog.objects.map(\.name) == ["orders", "a", "d", "state", "i"])
    #expect(part.leftOutObjects.map(\.name) == ["b", "c", "fk"])
    #expect(part.leftOutTables == [TableName(schema: "s", name: "status")])
  }

  @Test("statements that an engine puts behind its last object go where they are about what is left out")
  func lateStatements() throws {
    let part = try without(
      "old",
      in: [
        table("new", "CREATE TABLE s.new ();"), table("old", "CREATE TABLE s.old ();"),
        SchemaObject(
          kind: "acl", name: "SCHEMA s", definition: "GRANT",
          ddl:
            "GRANT USAGE ON SCHEMA s TO x;\nALTER TABLE s.old ENABLE ROW LEVEL SECURITY;\nALTER TABLE s.new ENABLE ROW LEVEL SECURITY;"
        ),
      ])
    #expect(
      part.catalog.objects.last?.ddl
        == "GRANT USAGE ON SCHEMA s TO x;\nALTER TABLE s.new ENABLE ROW LEVEL SECURITY;")
  }

  @Test("parents come before their children, and a circle ends")
  func parentsFirst() {
    let objects = [
      table("c", "CREATE TABLE s.c ();"), table("a", "CREATE TABLE s.a ();"), table("b", "CREATE TABLE s.b ();"),
      table("x", "CREATE TABLE s.x ();"), table("y", "CREATE TABLE s.y ();"),
      object("foreign_key", "1", of: "c", "ALTER TABLE s.c ADD FOREIGN KEY (q) REFERENCES s.b(id);"),
      object("foreign_key", "2", of: "b", "ALTER TABLE s.b ADD FOREIGN KEY (q) REFERENCES s.a(id);"),
      object("foreign_key", "3", of: "x", "ALTER TABLE s.x ADD FOREIGN KEY (q) REFERENCES s.y(id);"),
      object("foreign_key", "4", of: "y", "ALTER TABLE s.y ADD FOREIGN KEY (q) REFERENCES s.x(id);"),
    ]
    let catalog = Catalog(objects: objects)
    #expect(catalog.parentsFirst(catalog.tables).map(\.name) == ["a", "b", "c", "x", "y"])
  }

  @Test("ten thousand tables take no quadratic time")
  func many() throws {
    let objects = (0..<10_000).flatMap { number in
      [
        table("t\(number)", "CREATE TABLE s.t\(number) (id int);"),
        object("view", "v\(number)", "CREATE VIEW s.v\(number) AS SELECT * FROM s.t\(number);"),
      ]
    }
    let part = try without("t1*", in: objects)
    #expect(part.leftOutTables.count == part.leftOutObjects.count)
    #expect(part.catalog.objects.count == 20_000 - 2 * part.leftOutTables.count)
  }
}

import BelayArchive
import BelayDrivers
import BelayStore
import Testing

@testable import BelayChange
@testable import BelayDatabase

@Suite("What a run has only added")
struct AdditionsTests {
  @Test func `the ladder takes what keeps the rows of others first`() {
    #expect(RollbackMethod.allCases == [.transaction, .added, .rewind, .scratch, .native, .rows])
    #expect(RollbackMethod.restoring == [.rewind, .scratch, .native, .rows])
  }

  @Test(
    arguments: [
      ("index", [], "DROP INDEX IF EXISTS \"s\".\"n\""), ("virtual_table", [], "DROP TABLE IF EXISTS \"s\".\"n\""),
      ("view", [], "DROP VIEW IF EXISTS \"s\".\"n\""), ("constraint", [], nil), ("table", .internal, nil),
      ("table", .shadow, nil),
    ] as [(String, ObjectFlags, String?)])
  func `an object is dropped by name where the host knows how`(kind: String, flags: ObjectFlags, statement: String?) {
    let object = SchemaObject(kind: kind, schema: "s", name: "n", flags: flags)
    #expect(object.dropStatement(quoting: { "\"\($0)\".\"\($1)\"" }) == statement)
  }

  @Test func `an object is dropped with the driver's own statement if there is one`() {
    let object = SchemaObject(kind: "index", name: "i", parent: "t", drop: "DROP INDEX i ON t")
    #expect(object.dropStatement(quoting: { "\"\($0)\".\"\($1)\"" }) == "DROP INDEX i ON t")
  }
}

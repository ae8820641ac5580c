import BelayBase
import Testing

@testable import BelayChange

@Suite("What a migration file declares about itself")
struct DirectivesTests {
  @Test("a file without directives declares nothing")
  func none() throws {
    #expect(try Directives(sql: "CREATE TABLE a (b);\n-- just a comment\n", file: "1.sql") == Directives())
  }

  @Test(
    "no-transaction is read with any white space around it",
    arguments: [
      "-- belay: no-transaction", "--belay:no-transaction", "  -- belay:   no-transaction  ",
    ])
  func noTransaction(line: String) throws {
    #expect(try Directives(sql: "SELECT 1;\n\(line)\n", file: "1.sql").noTransaction)
  }

  @Test("allow-loss and allow-change name tables, quoted where their names are odd")
  func allow() throws {
    let directives = try Directives(
      sql: """
        -- belay: allow-loss posts
        -- belay: allow-loss "my ""odd"" table"
        -- belay: allow-change audit
        """, file: "1.sql")
    #expect(directives.allowLoss == ["posts", "my \"odd\" table"])
    #expect(directives.allowChange == ["audit"])
  }

  @Test(
    "an expectation holds or not, counted from the rows before",
    arguments: [
      ("expect rows(t) = before", 3, 3, true),
      ("expect rows(t) = before", 3, 2, false),
      ("expect rows(t) = before + 2", 3, 5, true),
      ("expect rows(t) = before - 1", 3, 2, true),
      ("expect rows( t ) >= before", 3, 4, true),
      ("expect rows(t) < before", 3, 3, false),
      ("expect rows(t) = 0", 3, 0, true),
      ("expect rows(t) != 0", 3, 0, false),
      ("expect rows(\"t\") <= 10", 3, 10, true),
    ] as [(String, UInt64, UInt64, Bool)])
  func expectation(text: String, before: UInt64, after: UInt64, holds: Bool) throws {
    let directives = try Directives(sql: "-- belay: \(text)\n", file: "1.sql")
    let expectation = try #require(directives.expectations.first)
    #expect(expectation.table == "t")
    #expect(expectation.holds(before: before, after: after) == holds)
  }

  @Test(
    "a directive that is not understood is refused with its line",
    arguments: [
      "allow-los posts", "allow-loss", "no-transaction please", "expect rows(t)", "expect rows t = 1", "",
    ])
  func unknown(text: String) throws {
    let error = #expect(throws: BelayError.self) {
      try Directives(sql: "SELECT 1;\n\n-- belay: \(text)\n", file: "0007_x.sql")
    }
    #expect(error?.message.contains("0007_x.sql, line 3") == true)
    #expect(error?.kind == .refused)
  }
}

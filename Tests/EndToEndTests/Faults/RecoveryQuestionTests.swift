import Foundation
import Testing

@Suite("Recovery asks before a backup is put over what others have written")
struct RecoveryQuestionTests {
  /// A run that was killed when the first of its two statements had taken effect; then somebody writes.
  private static func interrupted() throws -> (Workspace, before: String) {
    let (shop, model) = (try Workspace(), try Workspace())
    for shop in [shop, model] {
      try shop.migration(
        "1.sql", "-- belay: no-transaction\nUPDATE orders SET cents = 0 WHERE id = 1;\nUPDATE orders SET cents = 0;")
    }
    let before = try shop.dump()
    try shop.killMigrationBeforeLastStatement(as: model)
    try #require(try shop.sqlite("SELECT cents FROM orders WHERE id = 1") == "0")
    try shop.sqlite("INSERT INTO customers VALUES (99, 'late', NULL)")
    return (shop, before)
  }

  @Test func `no leaves all as it is; yes puts the backup in place, and says how to get the rows`() throws {
    let (shop, before) = try Self.interrupted()
    let now = try shop.dump()
    let question = "then in"
    let no = try shop.atTerminal(["recover"], typing: [(question, "no\n")])
    #expect(no.status == 40 && no.output.contains("the backup was not put in place"), "\(no)")
    #expect(no.output.contains("customers") && no.output.contains("belay diff"), "\(no)")
    #expect(try shop.dump() == now)
    let yes = try shop.atTerminal(["recover"], typing: [(question, "yes\n")])
    #expect(yes.status == 0, "\(yes)")
    #expect(try shop.dump() == before)
    // The row of the other program can be had from the archive that the result names.
    let saved = try #require(
      try shop.listing(shop.store).last { $0.contains("before-recovery") && $0.hasSuffix(".tar") })
    #expect(yes.output.contains(saved.dropLast(4)), "\(yes)")
    #expect(try shop.belay("extract", String(saved.dropLast(4)), "--table", "customers").output.contains("late"))
  }

  @Test func `--yes answers, and a script is not asked`() throws {
    for arguments in [["recover", "--yes"], ["recover"]] {
      let (shop, before) = try Self.interrupted()
      let run =
        arguments.count == 2 ? try shop.atTerminal(arguments, typing: []) : try shop.belay(arguments)
      #expect(run.status == 0 && !(run.output + run.errors).contains("put the backup"), "\(run)")
      #expect(try shop.dump() == before)
    }
  }
}

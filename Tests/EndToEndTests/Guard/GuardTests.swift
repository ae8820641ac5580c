import Foundation
import Testing

@Suite("A shell script under guard")
struct GuardTests {
  @Test("it runs on the copy first, and what it adds is kept", arguments: AdoptedEngine.allCases)
  func good(engine: AdoptedEngine) throws {
    let shop = try GuardedShop(engine)
    let run = try shop.guardScript(
      """
      echo on the $BELAY_STAGE
      sql 'CREATE TABLE tags (name text)'
      sql "INSERT INTO tags VALUES ('new')"
      sql 'ALTER TABLE orders ADD COLUMN note text'
      """)
    #expect(run.isDone, "\(run)")
    // What the script prints is the caller's, and of the rehearsal it is no result.
    #expect(run.output.hasPrefix("on the target\n"), "\(run)")
    #expect(run.errors.contains("on the rehearsal"), "\(run)")
    #expect(run.lastLine.contains("belay rollback"), "\(run)")
    #expect(try shop.query("SELECT count(*) FROM tags") == "1")
    #expect(try shop.query("SELECT count(note) FROM orders") == "0")
    #expect(try shop.folder.latestReport().contains(#/tags +- +1 +new, 1/#))
  }

  @Test(
    "what is lost must be declared: status 31, and the flags to paste", arguments: AdoptedEngine.allCases,
    [[], ["--no-rehearse"]])
  func undeclared(engine: AdoptedEngine, more: [String]) throws {
    let shop = try GuardedShop(engine, more: "CREATE TABLE notes (id integer, body text);")
    let before = try shop.dump()
    let script = """
      sql 'DELETE FROM customers WHERE id = 1'
      sql 'UPDATE customers SET email = NULL WHERE id = 2'
      sql 'DROP INDEX orders_by_customer'
      sql 'ALTER TABLE notes DROP COLUMN body'
      """
    let losing = ["sh", "-c", GuardedShop.script(script)]
    let run = try shop.guarded(losing, more)
    #expect(run.status == 31, "\(run)")
    #expect(run.errors.contains("table customers: lost 1 of 20 rows, such as id 1") || engine == .postgresql, "\(run)")
    #expect(run.errors.contains("orders: lost 5 of 100 rows"), "\(run)")
    #expect(run.errors.contains("has other values in email in 1 of 20 rows"), "\(run)")
    #expect(try shop.dump() == before)
    let flags = try #require(run.errors.firstMatch(of: /add: ((?: ?--allow-(?:loss|change) \S+)+)\s*$/), "\(run)").1
    #expect(flags.contains("--allow-loss orders_by_customer"), "\(run)")

    let declared = try shop.guarded(losing, more + flags.split(separator: " ").map(String.init))
    #expect(declared.isDone, "\(declared)")
    #expect(try shop.query("SELECT count(*) FROM orders") == "95")
  }

  @Test("a dropped table is lost, and a renamed one is not", arguments: AdoptedEngine.allCases)
  func tables(engine: AdoptedEngine) throws {
    let shop = try GuardedShop(engine)
    let renamed = try shop.guardScript("sql 'ALTER TABLE orders RENAME TO purchases'", "--no-rehearse")
    #expect(renamed.isDone, "\(renamed)")
    #expect(renamed.errors.contains("all its rows are in"), "\(renamed)")
    let dropped = try shop.guardScript("sql 'DROP TABLE purchases\(engine == .postgresql ? " CASCADE" : "")'")
    #expect(dropped.status == 31, "\(dropped)")
    #expect(dropped.errors.contains("is gone with 100 rows"), "\(dropped)")
  }

  @Test("rows are counted one by one: new ones make up for none that are gone")
  func replaced() throws {
    let shop = try GuardedShop(.sqlite)
    let run = try shop.guardScript(
      "sql 'UPDATE orders SET id = id + 1000 WHERE id < 4; DELETE FROM orders WHERE id = 9; INSERT INTO orders VALUES (2000, 1, 1)'"
    )
    #expect(run.status == 31, "\(run)")
    #expect(run.errors.contains("lost 4 of 100 rows, such as id 1, though there are others"), "\(run)")
  }

  @Test("a script that fails half-way is undone", arguments: AdoptedEngine.allCases, [[], ["--no-rehearse"]])
  func failing(engine: AdoptedEngine, more: [String]) throws {
    let shop = try GuardedShop(engine)
    let before = try shop.dump()
    let script = "sql 'CREATE TABLE half (x int)'; sql 'DELETE FROM orders WHERE id = 1'; sql 'SELECT missing'"
    let run = try shop.guarded(["sh", "-c", GuardedShop.script(script)], more)
    #expect(run.status == 30, "\(run)")
    #expect(run.errors.contains("exited with status"), "\(run)")
    #expect(run.errors.contains(more.isEmpty ? "is untouched" : "proven"), "\(run)")
    #expect(try shop.dump() == before)
  }

  @Test("one that fails on the target alone is undone as well", arguments: AdoptedEngine.allCases)
  func failingOnTarget(engine: AdoptedEngine) throws {
    let shop = try GuardedShop(engine)
    let before = try shop.dump()
    let run = try shop.guardScript(
      "sql 'UPDATE orders SET cents = 1'; [ $BELAY_STAGE = rehearsal ] || exit 9", "--allow-change", "orders")
    #expect(run.status == 30, "\(run)")
    #expect(run.errors.contains("exited with status 9"), "\(run)")
    #expect(run.errors.contains("proven"), "\(run)")
    #expect(try shop.dump() == before)
  }

  @Test("what the copy showed must happen on the target too")
  func otherThanRehearsed() throws {
    let shop = try GuardedShop(.sqlite)
    let before = try shop.dump()
    let rows = try shop.guardScript(
      "[ $BELAY_STAGE = target ] || sql 'INSERT INTO log VALUES (1, 2)'")
    #expect(rows.status == 31, "\(rows)")
    #expect(rows.errors.contains("table log: was not changed, and was in the rehearsal"), "\(rows)")
    let schema = try shop.guardScript("sql \"CREATE TABLE t_$BELAY_STAGE (x)\"")
    #expect(schema.status == 31, "\(schema)")
    #expect(try shop.dump() == before)
  }

  @Test("an expected number of rows, and belay.yaml by the command's first words")
  func configured() throws {
    let shop = try GuardedShop(.sqlite)
    try shop.folder.write(
      """
      targets: {shop: "\(shop.url)"}
      guard:
        sh: {allow_loss: nothing}
        sh lose.sh:
          url_env: [SHOP, DATABASE_URL]
          allow_loss: [orders]
          expect: ["rows(log) = before"]
      """, to: "belay.yaml")
    try shop.folder.write("test \"$SHOP\"; sh sql.sh 'DELETE FROM orders WHERE id = 1'", to: "lose.sh")
    let run = try shop.folder.belay("guard", "shop", "--yes", "--", "/bin/sh", "lose.sh")
    #expect(run.status == 0, "\(run)")
    let unexpected = try shop.folder.belay(
      "guard", "--yes", "--expect", "rows(orders) = before", "--", "sh", "lose.sh")
    #expect(unexpected.status == 0, "no order 1 is left to delete: \(unexpected)")
    try shop.folder.write("sh sql.sh 'DELETE FROM orders WHERE id = 2'", to: "lose.sh")
    let broken = try shop.folder.belay(
      "guard", "--yes", "--expect", "rows(orders) = before", "--", "sh", "lose.sh")
    #expect(broken.status == 31, "\(broken)")
    #expect(broken.errors.contains("expects rows(orders) = before, but there are 98"), "\(broken)")
  }

  @Test("stdin reaches the copy and the target, whatever it is", arguments: [true, false])
  func input(isPipe: Bool) throws {
    let shop = try GuardedShop(.sqlite)
    try shop.folder.write("CREATE TABLE piped (x);\nINSERT INTO piped VALUES (1), (2);\n", to: "in.sql")
    let line = "\"$0\" guard '\(shop.url)' --yes -- sh -c 'sqlite3 \"/${DATABASE_URL#sqlite:///}\"'"
    let run = try Program.run(
      "/bin/sh", ["-c", isPipe ? "(cat in.sql; sleep 0.2) | \(line)" : "\(line) < in.sql", Program.belay().path],
      in: shop.folder.folder)
    #expect(run.status == 0, "\(run)")
    #expect(try shop.query("SELECT count(*) FROM piped") == "2")
  }

  @Test("--plan runs nothing")
  func plan() throws {
    let shop = try GuardedShop(.sqlite)
    let run = try shop.guarded(["touch", "ran"], ["--plan"])
    #expect(run.status == 0, "\(run)")
    #expect(run.output.contains("`touch ran`"), "\(run)")
    #expect(!FileManager.default.fileExists(atPath: shop.folder.folder.appending(path: "ran").path))
  }
}

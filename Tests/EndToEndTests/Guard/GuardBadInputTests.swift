import Foundation
import Testing

@Suite("Commands that go wrong under guard")
struct GuardBadInputTests {
  @Test(
    "one that cannot be started is refused before anything is done",
    arguments: [
      (["no-such-program"], "is in no folder of PATH"), (["./missing"], "does not exist"),
      (["./sql.sh"], "chmod +x"), (["sh sql.sh"], "without quotes around them"),
    ])
  func missing(command: [String], words: String) throws {
    let shop = try GuardedShop(.sqlite)
    let run = try shop.guarded(command)
    #expect(run.status == 22, "\(run)")
    #expect(run.errors.contains(words), "\(run)")
    #expect(
      try FileManager.default.contentsOfDirectory(atPath: shop.folder.store.path).allSatisfy { !$0.hasSuffix(".tar") })
  }

  @Test(
    "options that make no sense are named",
    arguments: [
      (["--expect", "rows of orders"], "cannot be read"), (["--url-env", "A-B"], "not the name of a variable"),
      (["--grace", "soon"], "is no time"),
    ])
  func usage(options: [String], words: String) throws {
    let shop = try GuardedShop(.sqlite)
    let run = try shop.guarded(["true"], options)
    #expect(run.status == 64, "\(run)")
    #expect(run.errors.contains(words), "\(run)")
    #expect(try shop.folder.belay("guard", shop.url, "--yes").status == 64)
  }

  @Test("one that changes nothing says so, and needs nothing undone", arguments: [[], ["--no-rehearse"]])
  func nothing(more: [String]) throws {
    let shop = try GuardedShop(.sqlite)
    let run = try shop.guarded(["true"], more)
    #expect(run.status == 0, "\(run)")
    #expect(run.errors.contains("`true` changed nothing in"), "\(run)")
    #expect(run.output.isEmpty, "\(run)")
    let failed = try shop.guarded(["false"], more)
    #expect(failed.status == 30, "\(failed)")
    #expect(failed.errors.contains(more.isEmpty ? "is untouched" : "nothing of it had taken effect"), "\(failed)")
  }

  @Test(
    "one that does not use the URL is found in the rehearsal, and what it has done is put back",
    arguments: AdoptedEngine.allCases, [true, false])
  func astray(engine: AdoptedEngine, fails: Bool) throws {
    let shop = try GuardedShop(engine)
    let before = try shop.dump()
    let script = "DATABASE_URL='\(shop.url)'; sql 'CREATE TABLE astray (x int)'; sql 'DELETE FROM orders'"
    let run = try shop.guardScript(script + (fails ? "; exit 4" : ""))
    #expect(run.status == 31, "\(run)")
    #expect(run.errors.contains("does not use the URL that belay gives it"), "\(run)")
    #expect(run.errors.contains("proven"), "\(run)")
    #expect(try shop.dump() == before)
  }

  @Test("one that works on another database changes nothing in the target, and that is said")
  func elsewhere() throws {
    let shop = try GuardedShop(.sqlite)
    let before = try shop.dump()
    let run = try shop.guardScript("sqlite3 other.db 'CREATE TABLE x (y)'", "--no-rehearse")
    #expect(run.status == 0, "\(run)")
    #expect(run.errors.contains("changed nothing in"), "\(run)")
    #expect(try shop.dump() == before)
  }

  /// The test waits for whoever has the files that it has opened.
  private static let alone = """
    for f in /proc/$$/fd/*; do n=${f##*/}; [ $n -le 2 ] || eval "exec $n>&-"; done
    sleep 300 </dev/null >/dev/null 2>&1 & echo $! >>pids;
    """

  @Test("what it leaves running is named, and ended where it has failed or was rehearsed")
  func leftRunning() throws {
    let shop = try GuardedShop(.sqlite)
    func pids() throws -> [pid_t] {
      try String(contentsOf: shop.folder.folder.appending(path: "pids"), encoding: .utf8)
        .split(separator: "\n").compactMap { pid_t($0) }
    }
    let run = try shop.guarded(["bash", "-c", Self.alone + GuardedShop.script("sql 'CREATE TABLE tags (x)'")])
    #expect(run.status == 3, "\(run)")
    #expect(run.errors.contains("has left running: process"), "\(run)")
    let left = try pids()
    try #require(left.count == 2)
    #expect(!GuardedShop.isRunning(left[0]), "that of the rehearsal is ended")
    #expect(GuardedShop.isRunning(left[1]), "that of the target is not")
    kill(left[1], SIGKILL)
    let failed = try shop.guarded(
      ["bash", "-c", Self.alone + GuardedShop.script("sql 'CREATE TABLE more (x)'; exit 5")], ["--no-rehearse"])
    #expect(failed.status == 30, "\(failed)")
    #expect(try !GuardedShop.isRunning(#require(try pids().last)))
  }

  @Test("a transaction that it leaves open is named")
  func openTransaction() throws {
    let shop = try GuardedShop(.postgresql)
    let forgets = """
      import os, psycopg2, time
      os.closerange(0, 256)  # The test waits for whoever has the files that it has opened.
      connection = psycopg2.connect(os.environ["DATABASE_URL"], application_name="forgotten")
      connection.cursor().execute("SELECT 1")
      open("begun", "w").close()
      for _ in range(3000):
        if os.path.exists("seen"): break
        time.sleep(0.1)
      """
    try shop.folder.write(forgets, to: "forgets.py")
    let run = try shop.guardScript("python3 forgets.py & while [ ! -e begun ]; do sleep 0.1; done", "--no-rehearse")
    try shop.folder.write("", to: "seen")
    #expect(run.status == 3, "\(run)")
    #expect(run.errors.contains("still at work: forgotten"), "\(run)")
  }

  @Test("the URL can be in a file, which is the caller's alone and gone afterwards, or in an argument, with a warning")
  func places() throws {
    let shop = try GuardedShop(.sqlite)
    let file = try shop.guardScript(
      "[ -z \"$DATABASE_URL\" ]; stat -c %a url; export DATABASE_URL=$(cat url); sql 'CREATE TABLE a (x)'",
      "--url-file", "url"
    )
    #expect(file.status == 0, "\(file)")
    #expect(file.output.hasPrefix("600\n"), "\(file)")
    let path = shop.folder.folder.appending(path: "url").path
    #expect(!FileManager.default.fileExists(atPath: path))
    try shop.folder.write("mine", to: "url")
    let taken = try shop.guardScript("true", "--url-file", "url")
    #expect(taken.status == 22, "\(taken)")
    #expect(try String(contentsOfFile: path, encoding: .utf8) == "mine")

    let argument = try shop.guarded(["sh", "-c", "DATABASE_URL=$1 sh ./sql.sh 'CREATE TABLE b (x)'", "sh", "{url}"])
    #expect(argument.status == 0, "\(argument)")
    #expect(argument.errors.contains("every user of this machine can read"), "\(argument)")
    #expect(try shop.query("SELECT count(*) FROM b") == "0")
  }

  @Test("neither belay's files and sockets nor its own settings reach the command")
  func inherited() throws {
    let shop = try GuardedShop(.sqlite)
    let list = "{ ls /proc/self/fd; env | cut -d= -f1; }"
    let line = "\(list) >before; exec \"$0\" guard '\(shop.url)' --yes --no-rehearse -- sh -c '\(list)'"
    let run = try Program.run("/bin/sh", ["-c", line, Program.belay().path], in: shop.folder.folder)
    #expect(run.status == 0, "\(run)")
    let given = Set(run.output.split(separator: "\n").map(String.init))
    let own = try Set(
      String(contentsOf: shop.folder.folder.appending(path: "before"), encoding: .utf8).split(separator: "\n")
        .map(String.init))
    #expect(given.subtracting(own) == ["DATABASE_URL", "BELAY_GUARD", "BELAY_STAGE"], "\(run)")
  }
}

import DriverTesting
import Foundation
import Testing

@Suite("Bad input: one clear message, the right exit code, and nothing touched")
struct BadInputTests {
  @Test("a URL without a driver names the drivers that there are")
  func noDriver() throws {
    let shop = try Workspace()
    let run = try shop.belay("backup", "oracle:shop")
    #expect(run.status == 10, "\(run)")
    #expect(run.errors.contains("sqlite"), "\(run)")
  }

  @Test("a file that is no SQLite database")
  func notDatabase() throws {
    let shop = try Workspace()
    let junk = Data(repeating: 0x41, count: 8192)
    try junk.write(to: shop.folder.appending(path: "junk.db"))
    let run = try shop.belay("backup", "sqlite:junk.db")
    #expect([20, 22].contains(run.status), "\(run)")
    #expect(run.errors.contains("junk.db"))
    #expect(try Data(contentsOf: shop.folder.appending(path: "junk.db")) == junk)
    #expect(try shop.listing(shop.folder).filter { $0.contains(".tar") } == [])
  }

  @Test("a database that does not exist")
  func missing() throws {
    let shop = try Workspace()
    let run = try shop.belay("backup", "sqlite:nowhere.db")
    #expect([10, 22].contains(run.status), "\(run)")
    #expect(!FileManager.default.fileExists(atPath: shop.folder.appending(path: "nowhere.db").path))
  }

  @Test("a damaged database is not backed up as if it were good")
  func damaged() throws {
    let shop = try Workspace()
    try shop.sqlite("CREATE TABLE big AS SELECT hex(randomblob(2000)) AS x FROM orders;")
    var bytes = try Data(contentsOf: shop.database)
    for page in 8..<20 where page * 4096 + 100 < bytes.count {
      bytes.replaceSubrange(page * 4096..<page * 4096 + 100, with: Data(repeating: 0xEE, count: 100))
    }
    try bytes.write(to: shop.database)
    for level in ["read", "restore"] {
      let run = try shop.belay("backup", shop.url, "--verify", level)
      #expect([20, 21].contains(run.status), "\(run)")
      #expect(try Data(contentsOf: shop.database) == bytes)
      #expect(try shop.listing(shop.folder).filter { $0.hasSuffix(".tar") } == [])
    }
    try shop.migration("1.sql", "CREATE TABLE a (x);")
    let run = try shop.belay("migrate", shop.url, "--yes")
    #expect([20, 21].contains(run.status), "\(run)")
    #expect(try Data(contentsOf: shop.database) == bytes)
  }

  @Test("a database that somebody else has locked is not migrated, and is said to be locked")
  func locked() throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "CREATE TABLE a (x);")
    try shop.write("migrations:\n  lock_timeout: 1s\n", to: "belay.yaml")
    let script =
      "(echo 'BEGIN EXCLUSIVE;'; echo '.shell touch held'; until [ -e stop ]; do sleep 0.1; done) | sqlite3 shop.db"
    let holder = try Program.start("/bin/sh", ["-c", script], in: shop.folder)
    try eventually(thereIs: shop.folder.appending(path: "held"))
    let run = try shop.belay("migrate", shop.url, "--yes")
    try shop.write("", to: "stop")
    _ = try holder.wait()
    #expect([20, 22].contains(run.status), "\(run)")
    #expect(run.errors.contains("locked"), "\(run)")
    #expect(try shop.sqlite("SELECT count(*) FROM sqlite_schema WHERE name = 'a'") == "0")
  }

  @Test("a store that fills up in the middle of a backup leaves nothing behind")
  func full() throws {
    let shop = try Workspace()
    try shop.sqlite(
      "CREATE TABLE big AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i < 3000) SELECT randomblob(1000) AS x FROM n;"
    )
    // No file may grow over 1 MiB: what a full disk does, for those who have only one.
    let script = "ulimit -f 1024; exec \"$0\" backup sqlite:shop.db"
    let run = try Program.run("/bin/bash", ["-c", script, Program.belay().path], in: shop.folder)
    #expect(run.status == 20, "\(run)")
    #expect(try shop.listing(shop.folder).filter { $0.contains(".tar") } == [], "\(run)")
    let good = try shop.belay("backup", shop.url)
    #expect(good.status == 0, "\(good)")
  }

  @Test(
    "an archive cut short or with a flipped byte is found at every level", arguments: ["manifest", "read", "restore"])
  func brokenArchive(level: String) throws {
    let shop = try Workspace()
    try #require(try shop.belay("backup", shop.url).status == 0)
    let id = try shop.latest()
    let path = shop.store.appending(path: id + ".tar")
    let good = try Data(contentsOf: path)
    var flipped = good
    flipped[good.count / 2] ^= 0x10
    for bad in [flipped, good.prefix(good.count / 2)] {
      try Data(bad).write(to: path)
      let run = try shop.belay("verify", id, "--level", level)
      #expect(run.status == 21, "\(run)")
      let rollback = try shop.belay("rollback", id)
      #expect(rollback.status == 21, "\(rollback)")
    }
    try good.write(to: path)
    #expect(try shop.belay("verify", id, "--level", level).status == 0)
  }

  @Test(
    "belay.yaml with an unknown key or a wrong type is named with its line",
    arguments: [
      ("formts: [sql]\n", "belay.yaml:1"), ("store: x\nformats: 7\n", "belay.yaml:2"),
    ])
  func configuration(text: String, place: String) throws {
    let shop = try Workspace()
    try shop.write(text, to: "belay.yaml")
    let run = try shop.belay("backup", shop.url)
    #expect(run.status == 64 || run.status == 22, "\(run)")
    #expect(run.errors.contains(place), "\(run)")
  }
}

@Suite("A database that this user may only read")
struct ReadOnlyTests {
  @Test("is backed up, and not migrated")
  func readOnly() throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "CREATE TABLE a (x);")
    try FileManager.default.createDirectory(at: shop.store, withIntermediateDirectories: true)
    let mode: (String, Int) throws -> Void = { path, mode in
      try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
    }
    try mode(shop.database.path, 0o444)
    try mode(shop.folder.path, 0o755)
    try mode(shop.folder.appending(path: "migrations").path, 0o755)
    // Root may write everywhere, so somebody else has to try, with a store of his own.
    chown(shop.store.path, getuid() == 0 ? 65534 : getuid(), gid_t.max)
    let user = getuid() == 0 ? ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups"] : []
    let before = try Data(contentsOf: shop.database)
    // The build's folder may be closed to others.
    let bin = shop.folder.appending(path: "bin")
    try FileManager.default.createDirectory(
      at: bin, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o755])
    let built = try Program.belay()
    try FileManager.default.copyItem(at: built, to: bin.appending(path: "belay"))
    try FileManager.default.copyItem(
      at: built.deletingLastPathComponent().appending(path: "libbelay-driver-sqlite.so"),
      to: bin.appending(path: "belay-driver-sqlite.so"))
    try mode(bin.appending(path: "belay-driver-sqlite.so").path, 0o755)
    let belay = bin.appending(path: "belay").path
    let reachable = try Program.run("/usr/bin/env", user + ["test", "-x", belay], in: URL(filePath: "/"))
    try #require(reachable.status == 0, "\(belay) cannot be run by others")
    let folder = shop.folder.path
    func run(_ arguments: String) throws -> Program.Outcome {
      let script = "cd \(folder) && exec \(belay) \(arguments) --driver-path \(folder)/bin"
      return try Program.run(
        "/usr/bin/env", user + ["sh", "-c", script], in: shop.folder, environment: ["HOME": folder])
    }
    let migrate = try run("migrate sqlite:shop.db --yes")
    #expect(migrate.status == 22, "\(migrate)")
    #expect(migrate.errors.contains("read-only"), "\(migrate)")
    let backup = try run("backup sqlite:shop.db")
    #expect(backup.status == 0, "\(backup)")
    #expect(try Data(contentsOf: shop.database) == before)
  }
}

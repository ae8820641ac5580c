import DriverTesting
import Foundation
import Testing

@Suite("Repositories that rclone reaches")
struct RcloneRepositoryTests {
  /// A shop with one large table and small ones, and a repository that takes its backups.
  private func shop(_ storage: RemoteStorage, more: String = "") throws -> Workspace {
    let shop = try Workspace()
    try shop.sqlite(
      """
      CREATE TABLE photos (id INTEGER PRIMARY KEY, image BLOB);
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 20)
        INSERT INTO photos SELECT i, randomblob(40000) FROM n;
      """)
    try shop.write(
      "targets:\n  shop: sqlite:shop.db\nrepositories:\n  offsite:\n    url: \(storage.place)\n\(more)",
      to: "belay.yaml")
    return shop
  }

  private func file(_ shop: Workspace, _ id: String) throws -> Data {
    try Data(contentsOf: shop.store.appending(path: id + ".tar"))
  }

  @Test(arguments: RemoteStorage.Kind.allCases)
  func `a backup is stored, listed, verified, read in ranges, restored and moved there`(kind: RemoteStorage.Kind) throws
  {
    let storage = try RemoteStorage(kind)
    let shop = try shop(storage)
    let backup = try shop.belay(["backup", "shop"], environment: storage.environment)
    #expect(backup.status == 0, "\(backup)")
    let id = try shop.latest()
    let whole = try file(shop, id)
    #expect(try storage.names() == [id + ".tar"])
    #expect(try storage.content(id + ".tar") == whole)

    let there = ["--repository", "offsite"]
    let list = try shop.belay(["list"] + there, environment: storage.environment)
    #expect(list.status == 0 && list.output.contains(id) && list.output.contains("restore"), "\(list)")
    for level in kind == .s3 ? ["restore"] : ["manifest"] {
      let run = try shop.belay(["verify", "latest", "--level", level] + there, environment: storage.environment)
      #expect(run.status == 0, "\(run)")
    }
    // One small table of it, and what is asked for is far from all of it.
    let watched = try WatchedRclone(in: shop.folder)
    let extract = try shop.belay(
      ["extract", id, "--table", "customers"] + there,
      environment: storage.environment.merging(watched.environment()) { $1 })
    #expect(extract.status == 0 && extract.output.contains("customer 20"), "\(extract)")
    let asked = try watched.bytesAskedFor()
    #expect(asked > 0 && asked < whole.count / 4, "\(asked) of \(whole.count) bytes")

    // A connection that breaks off is taken up again; one that is down says nothing against the archive.
    let range = try #require(watched.calls().firstIndex { $0.hasPrefix("cat ") }) + 1
    try watched.forget()
    let cut = try shop.belay(
      ["extract", id, "--table", "customers"] + there,
      environment: storage.environment.merging(watched.environment(range, .lost)) { $1 })
    #expect(cut.status == 0 && cut.output == extract.output, "\(cut)")
    let down = watched.environment(before: ("cat", "echo 'ERROR : connection reset' >&2; exit 1"))
    let unread = try shop.belay(
      ["verify", id, "--level", "manifest"] + there, environment: storage.environment.merging(down) { $1 })
    #expect(unread.status == 1 && unread.errors.contains("connection reset"), "\(unread)")

    // The store's own is gone, and the database with it.
    let moved = try shop.belay(["archive", id, "--to", "offsite"], environment: storage.environment)
    #expect(moved.status == 0, "\(moved)")
    #expect(try shop.belay("list").output.contains(id) == false)
    let show = try shop.belay(["show", "latest"] + there, environment: storage.environment)
    #expect(
      show.status == 0 && show.output.contains("restore  good") && !show.output.contains("FAILED")
        && !show.output.contains("not made by"), "\(show)")
    let restore = try shop.belay(
      ["restore", "latest", "--into", "sqlite:copy.db"] + there, environment: storage.environment)
    #expect(restore.status == 0, "\(restore)")
    #expect(try shop.dump(shop.folder.appending(path: "copy.db")) == shop.dumpWithoutLocks())
    let log = try shop.belay("log", "--verify")
    #expect(log.status == 0, "\(log)")
  }

  @Test func `its own rules say what is pruned there, and the store keeps its own`() throws {
    let storage = try RemoteStorage(.s3)
    let shop = try shop(storage, more: "    retention: { manual: { keep_last: 1 } }\n")
    var ids: [String] = []
    for _ in 0..<2 {
      try #require(
        try shop.belay(["backup", "shop", "--verify", "read"], environment: storage.environment).status == 0)
      ids.append(try shop.latest())
    }
    let there = ["--repository", "offsite"]
    let plan = try shop.belay(["prune"] + there, environment: storage.environment)
    #expect(plan.status == 0 && plan.output.contains("remove  \(ids[0])"), "\(plan)")
    #expect(try storage.names() == ids.map { $0 + ".tar" })
    let prune = try shop.belay(["prune", "--confirm"] + there, environment: storage.environment)
    #expect(prune.status == 0, "\(prune)")
    #expect(try storage.names() == [ids[1] + ".tar"])
    let here = try shop.belay("list").output
    for id in ids { #expect(here.contains(id)) }
    // The last good one there is refused, as in a store.
    let forget = try shop.belay(["forget", ids[1], "--confirm"] + there, environment: storage.environment)
    #expect(forget.status == 22, "\(forget)")
    // Another machine has made none of them: it prunes by its rules only where a person vouches.
    let other = try Workspace()
    try other.write("repositories:\n  offsite: \(storage.place)\n", to: "belay.yaml")
    try storage.put(shop.store.appending(path: ids[0] + ".tar"), as: ids[0] + ".tar")
    let strict = try other.belay(["prune", "--keep-last", "1", "--confirm"] + there, environment: storage.environment)
    #expect(strict.output.contains("not made by this store"), "\(strict)")
    #expect(try storage.names().count == 2)
    let trusting = try other.belay(
      ["prune", "--keep-last", "1", "--confirm", "--trust"] + there, environment: storage.environment)
    #expect(trusting.status == 0, "\(trusting)")
    #expect(try storage.names() == [ids[1] + ".tar"])
  }

  @Test func `a repository that is not reached is a warning, and a required one an error before anything is changed`()
    throws
  {
    let storage = try RemoteStorage(.webdav)
    let shop = try shop(storage)
    storage.stop()
    let warned = try shop.belay(["backup", "shop", "--verify", "read"], environment: storage.environment)
    #expect(warned.status == 3 && warned.errors.contains("not stored in offsite"), "\(warned)")
    #expect(try shop.belay("list").output.contains(try shop.latest()))

    try shop.write(
      "targets:\n  shop: sqlite:shop.db\nrepositories:\n  offsite: { url: \"\(storage.place)\", required: true }\n",
      to: "belay.yaml")
    let failed = try shop.belay(["backup", "shop", "--verify", "read"], environment: storage.environment)
    #expect(failed.status == 1 && failed.errors.contains("is good, and in"), "\(failed)")
    let doctor = try shop.belay(["doctor", "shop"], environment: storage.environment)
    #expect(doctor.status == 1 && "\(doctor)".contains("failed   repository: "), "\(doctor)")
    let before = try shop.dumpWithoutLocks()
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    let migrate = try shop.belay(["migrate", "shop", "--yes"], environment: storage.environment)
    #expect(migrate.status == 1 && migrate.errors.contains("is untouched"), "\(migrate)")
    #expect(try shop.dumpWithoutLocks() == before)
    // Nothing of it is asked for, and nothing hangs.
    let list = try shop.belay(["list", "--repository", "offsite"], environment: storage.environment)
    #expect(list.status == 1, "\(list)")
  }

  @Test func `what is not belay's, half archives and another's archive of that id are not taken for it`() throws {
    let storage = try RemoteStorage(.s3)
    let shop = try shop(storage, more: "    if_none_match: true\n    kinds: [scheduled]\n")
    try #require(
      try shop.belay(["backup", "sqlite:shop.db", "--verify", "read"], environment: storage.environment).status == 0)
    let id = try shop.latest()
    let whole = try file(shop, id)
    try shop.write("a letter", to: "letter")
    let letter = shop.folder.appending(path: "letter")
    let half = shop.folder.appending(path: "half")
    try whole.prefix(whole.count / 2).write(to: half)
    try storage.put(letter, as: "letter.txt")
    try storage.put(letter, as: "20260101T000000Z-letter.tar")
    try storage.put(half, as: "20260102T000000Z-shop.tar.17.partial")
    try storage.put(half, as: "20260103T000000Z-shop.tar")
    let there = ["--repository", "offsite"]
    let list = try shop.belay(["list"] + there, environment: storage.environment)
    #expect(list.status == 0 && list.errors.contains("2 archives in"), "\(list)")
    #expect(list.output.split(separator: "\n").count { $0.contains("DAMAGED") } == 2, "\(list)")
    let verify = try shop.belay(
      ["verify", "20260103", "--level", "manifest"] + there, environment: storage.environment)
    #expect(verify.status == 21, "\(verify)")

    // Another machine stores one of the same id between the question and the answer.
    let watched = try WatchedRclone(in: shop.folder)
    let sneaking = watched.environment(
      before: ("copyto", "real copyto '\(letter.path)' 'REMOTE:bucket/shop/\(id).tar' 2>/dev/null"))
    let late = try shop.belay(
      ["archive", id, "--to", "offsite"], environment: storage.environment.merging(sneaking) { $1 })
    #expect(late.status == 1 && late.errors.contains("there already, with other content"), "\(late)")
    #expect(try storage.content(id + ".tar") == Data("a letter".utf8))
    #expect(try file(shop, id) == whole)
  }

  @Test func `Ctrl+C ends the storing at once, and leaves nothing there`() throws {
    let storage = try RemoteStorage(.webdav)
    let shop = try shop(storage)
    try #require(try shop.belay("backup", "shop", "--verify", "manifest").status == 3)
    let slow = storage.environment.merging(["RCLONE_BWLIMIT": "50k"]) { $1 }
    let moving = try Program.start(
      Program.belay().path, ["archive", "latest", "--to", "offsite"], in: shop.folder, environment: slow)
    try eventually("a file that is being stored") { try !storage.files().isEmpty }
    kill(moving.process.processIdentifier, SIGINT)
    let run = try moving.wait()
    #expect(run.status == 130 && run.errors.contains("as it was"), "\(run)")
    #expect(try storage.names() == [])
    #expect(try shop.belay("list").output.contains(try shop.latest()))
  }

  @Test func `what cannot be used is said before anything is done`() throws {
    let shop = try Workspace()
    try #require(try shop.belay("backup", shop.url, "--verify", "manifest").status == 0)
    for (place, status) in [
      ("rclone::s3,secret_access_key=open-sesame:bucket", 64), ("rclone:s3,key=open-sesame:bucket", 64),
      ("s3://open-sesame@host/bucket", 64), ("offsite", 64), ("./nowhere", 1), ("./backups", 1),
    ] as [(String, Int32)] {
      let run = try shop.belay("archive", "latest", "--to", place)
      #expect(run.status == status && !"\(run)".contains("open-sesame"), "\(place): \(run)")
    }
    // A password that rclone's configuration needs is not asked for, and an old rclone is not tried.
    let programs = shop.folder.appending(path: "programs")
    try FileManager.default.createDirectory(at: programs, withIntermediateDirectories: true)
    let path = ["PATH": programs.path]
    let missing = try shop.belay(["list", "--repository", "rclone:x:y"], environment: path)
    #expect(missing.status == 1 && missing.errors.contains("rclone is not installed"), "\(missing)")
    try shop.write("#!/bin/sh\necho 'rclone v1.53.3-DEV'\n", to: "programs/rclone")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: programs.appending(path: "rclone").path)
    let old = try shop.belay(["list", "--repository", "rclone:x:y"], environment: path)
    #expect(old.status == 1 && old.errors.contains("1.53"), "\(old)")
    try shop.write("RCLONE_ENCRYPT_V0:\nAAAA\n", to: "rclone.conf")
    let asking = try shop.belay(
      ["list", "--repository", "rclone:x:y"],
      environment: ["RCLONE_CONFIG": shop.folder.appending(path: "rclone.conf").path])
    #expect(asking.status == 1, "\(asking)")
    #expect(try FileManager.default.contentsOfDirectory(atPath: shop.store.path).count { $0.hasSuffix(".tar") } == 1)
  }
}

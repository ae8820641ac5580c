import Foundation
import Testing

@Suite("A migration whose backup is encrypted, on SQLite")
struct EncryptedMigrationTests {
  /// Fails where the engine cannot take it back.
  private static let failing = "-- belay: no-transaction\nDELETE FROM orders;\nSELECT missing;"
  private static let good = "-- belay: no-transaction\nDELETE FROM orders WHERE id < 11;\nDELETE FROM log;"

  @Test("it is refused where no key could open its backup after a crash, unless a person brings one")
  func refused() throws {
    let shop = try EncryptedShop()
    let before = try shop.folder.dump()
    try shop.folder.migration("1.sql", Self.failing)
    let refused = try shop.folder.belay("migrate", "shop", "--yes", "--no-rehearse")
    #expect(refused.status == 22 && refused.errors.contains("--key-elsewhere"), "\(refused)")
    let doctor = try shop.folder.belay("doctor", "shop")
    #expect(doctor.status == 22 && (doctor.output + doctor.errors).contains("no private key is at hand"), "\(doctor)")
    try shop.key("other.txt")
    let wrong = try shop.folder.belay("migrate", "shop", "--yes", "--no-rehearse", "--identity", "other.txt")
    #expect(wrong.status == 12 && wrong.errors.contains("does not open"), "\(wrong)")
    #expect(try shop.folder.dump() == before)
    // Within the run, what it has written can be read without the key.
    for key in [["--key-elsewhere"], ["--identity", "key.txt"]] {
      let failed = try shop.folder.belay(["migrate", "shop", "--yes", "--no-rehearse"] + key)
      #expect(failed.status == 30, "\(failed)")
      #expect(try shop.folder.dump() == before)
    }
  }

  @Test("a run that was killed is undone with the key; without it the run stays open, and nothing is touched")
  func killed() throws {
    for key in [["--key-elsewhere"], ["--identity", "key.txt"]] {
      let (shop, model) = (try EncryptedShop(), try EncryptedShop())
      let before = try shop.folder.dump()
      for one in [shop, model] { try one.folder.migration("1.sql", Self.good) }
      let line = ["migrate", "shop", "--yes", "--no-rehearse"] + key
      try #require([0, 3].contains(try model.folder.belay(line).status))
      let journal = try String(
        contentsOf: model.folder.store.appending(path: "runs/\(model.folder.latest())/journal.ndjson"), encoding: .utf8)
      let last = try #require(journal.split(separator: "\n").lastIndex { $0.contains("\"statement\"") })
      _ = try shop.folder.belay(line, environment: ["BELAY_FAULT": "kill-both:\(last):after"])
      try shop.folder.statusWithoutRunning()
      let between = try shop.folder.dump()
      try #require(between != before)
      for _ in 0..<2 {
        let locked = try shop.folder.belay("recover")
        #expect(locked.status == 40 && locked.errors.contains("--identity"), "\(locked)")
        #expect(try shop.folder.dump() == between)
      }
      #expect(try shop.folder.listing(shop.folder.store).filter { $0.hasSuffix(".tar") }.count == 1)
      let recovered = try shop.folder.belay("recover", "--identity", "key.txt")
      #expect(recovered.status == 0, "\(recovered)")
      #expect(try shop.folder.dump() == before)
    }
  }

  @Test("a worker that dies is undone by the next one, with the key that the run was given")
  func workerDied() throws {
    let shop = try EncryptedShop()
    let before = try shop.folder.dump()
    try shop.folder.migration("1.sql", Self.failing)
    let model = try EncryptedShop()
    try model.folder.migration("1.sql", Self.good)
    let line = ["migrate", "shop", "--yes", "--no-rehearse", "--identity", "key.txt"]
    _ = try model.folder.belay(line)
    let journal = try String(
      contentsOf: model.folder.store.appending(path: "runs/\(model.folder.latest())/journal.ndjson"), encoding: .utf8)
    let step = try #require(journal.split(separator: "\n").firstIndex { $0.contains("\"statement\"") })
    let run = try shop.folder.belay(line, environment: ["BELAY_FAULT": "kill-worker:\(step + 1):after"])
    #expect(run.status == 30, "\(run)")
    #expect(try shop.folder.dump() == before)
  }

  @Test("a command under guard and a rollback are covered by belay.yaml's keys, and what they save is encrypted too")
  func guarded() throws {
    let shop = try EncryptedShop()
    try shop.encrypts(shop.recipient, identity: "key.txt")
    let before = try shop.folder.dump()
    let run = try shop.folder.belay(
      "guard", "shop", "--yes", "--no-rehearse", "--", "/bin/sh", "-c",
      "sqlite3 \"${DATABASE_URL#sqlite:}\" 'DELETE FROM orders'")
    #expect(run.status == 31, "\(run)")
    #expect(try shop.folder.dump() == before)
    // What a rollback saves first is encrypted like the archive, also where belay.yaml says nothing of it any more.
    try shop.folder.write("targets:\n  shop: sqlite:shop.db\nencryption:\n  identity_file: key.txt\n", to: "belay.yaml")
    try shop.folder.sqlite("DELETE FROM orders WHERE id < 50")
    let asked = try shop.folder.belay("rollback", "latest")
    let code = String(try #require(asked.output.firstMatch(of: /ROLLBACK_[A-Z0-9]{8}/), "\(asked)").0)
    let back = try shop.folder.belay("rollback", "latest", "--yes", "--confirm", code)
    #expect(back.status == 0, "\(back)")
    #expect(try shop.folder.dump() == before)
    let names = try Program.run(
      "/bin/sh", ["-c", "for f in backups/*.tar; do tar tf $f | grep '^full'; done"], in: shop.folder.folder)
    #expect(names.output.split(separator: "\n").allSatisfy { $0.hasSuffix(".age") } && !names.output.isEmpty)
  }
}

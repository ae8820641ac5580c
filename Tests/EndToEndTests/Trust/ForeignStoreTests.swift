import Foundation
import Testing

@Suite("A store, a journal or a belay.yaml of somebody else")
struct ForeignStoreTests {
  private static let id = "20200101T000000Z-x"

  /// A shop with a store, in whose runs somebody has put a run that is to be recovered.
  private func forged(_ kind: String, _ steps: [[String: Any]], id: String = Self.id) throws -> Workspace {
    let shop = try Workspace()
    try #require(try shop.belay("backup", shop.url).status == 0)
    let own = shop.store.appending(path: "runs/\(try shop.latest())/journal.ndjson")
    let first = try #require(try String(contentsOf: own, encoding: .utf8).split(separator: "\n").first)
    var line = try #require(try JSONSerialization.jsonObject(with: Data(first.utf8)) as? [String: Any])
    var began = try #require((line["step"] as? [String: Any])?["began"] as? [String: Any])
    var record = try #require(began["_0"] as? [String: Any])
    record["id"] = id
    record["kind"] = kind
    began["_0"] = record
    line["step"] = ["began": began]
    var lines = [line]
    for (number, step) in steps.enumerated() {
      lines.append(["seq": number + 1, "time": line["time"] ?? "", "step": step])
    }
    let text = try lines.map { String(decoding: try JSONSerialization.data(withJSONObject: $0), as: UTF8.self) }
    try shop.folder(of: "backups/runs/\(Self.id)/journal.ndjson", text.joined(separator: "\n") + "\n")
    // Whoever can put a run there can take away what keeps a reader from looking.
    try FileManager.default.removeItem(at: shop.store.appending(path: "index"))
    return shop
  }

  @Test(arguments: ["recover", "backup", "migrate", "status"])
  func `a journal that names files outside of the store removes none of them`(_ command: String) throws {
    let steps = ["../../victim", "../victim", "/etc/victim"].map { ["backingUp": ["archive": $0]] }
    let shop = try forged("backup", steps)
    try shop.folder(of: "victim/staging/deep/f", "precious")
    try shop.write("precious", to: "victim.tar.partial")
    let target = ["recover", "status"].contains(command) ? [] : [shop.url]
    let run = try shop.belay([command] + target + (command == "migrate" ? ["--yes"] : []))
    #expect(command == "status" || run.status != 0, "\(run)")
    #expect((run.output + run.errors).contains("belay never writes"), "\(run)")
    for file in ["victim/staging/deep/f", "victim.tar.partial"] {
      #expect(FileManager.default.fileExists(atPath: shop.folder.appending(path: file).path), "\(file)")
    }
  }

  @Test func `a run under another name than its own is not recovered`() throws {
    let shop = try forged("migrate", [], id: "20200101T000000Z-y")
    let run = try shop.belay("recover")
    #expect(run.status == 22 && run.errors.contains("is of the run 20200101T000000Z-y"), "\(run)")
  }

  @Test(.enabled(if: geteuid() == 0)) func `a run of another user is not recovered, and keeps nobody from work`() throws
  {
    let shop = try forged("migrate", [["backedUp": ["archive": "x"]]])
    let folder = shop.store.appending(path: "runs/\(Self.id)")
    chown(folder.path, 65534, 65534)
    let before = try shop.dump()
    let run = try shop.belay("recover")
    #expect(run.status == 22 && run.errors.contains("belongs to user 65534"), "\(run)")
    #expect(try shop.dump() == before)
    #expect(try shop.belay("backup", shop.url).status == 0)
  }

  @Test(arguments: ["backups", "backups/runs", "backups/locks", "backups/audit.ndjson"])
  func `a store that others can write to is refused, until it is mended as the hint says`(_ part: String) throws {
    let shop = try Workspace()
    try #require(try shop.belay("backup", shop.url).status == 0)
    let path = shop.folder.appending(path: part).path
    chown(path, uid_t.max, 65534)
    chmod(path, part.hasSuffix("ndjson") ? 0o660 : 0o770)
    for command in [["backup", shop.url], ["recover"], ["migrate", shop.url, "--yes"]] {
      let run = try shop.belay(command)
      #expect(run.status == 22 && run.errors.contains("can be written to by its group"), "\(run)")
      #expect(run.errors.contains("chmod g-w \(path)"), "\(run)")
    }
    chmod(path, part.hasSuffix("ndjson") ? 0o640 : 0o750)
    #expect(try shop.belay("backup", shop.url).status == 0)
  }

  @Test(arguments: ["000", "002", "022", "077"]) func `what belay makes is its own under any umask`(_ mask: String)
    throws
  {
    let shop = try Workspace()
    try shop.migration("1.sql", "-- belay: no-transaction\nCREATE TABLE tags (name TEXT);\nSELECT missing;")
    let belay = try Program.belay().path
    for line in [
      "\(belay) init", "\(belay) backup \(shop.url)", "\(belay) migrate \(shop.url) --yes", "\(belay) recover",
      "\(belay) verify latest --level restore", "\(belay) restore latest --into sqlite:copy.db",
    ] {
      let run = try Program.run("/bin/sh", ["-c", "umask \(mask); exec \(line)"], in: shop.folder)
      #expect([0, 3, 30].contains(run.status), "\(line): \(run)")
      #expect(!run.errors.contains("can be written to"), "\(run)")
    }
  }

  @Test
  func `a belay.yaml in a folder above that others can write to is refused, and --config or the variable allows it`()
    throws
  {
    let shop = try Workspace()
    try shop.write("targets: { shop: sqlite:shop.db }\n", to: "belay.yaml")
    try shop.write("", to: "migrations/keep")
    let file = shop.folder.appending(path: "belay.yaml").path
    chmod(file, 0o666)
    let inner = shop.folder.appending(path: "migrations")
    func backup(_ more: [String] = [], _ environment: [String: String] = [:]) throws -> Program.Outcome {
      try Program.run(Program.belay().path, ["backup", "shop"] + more, in: inner, environment: environment)
    }
    let refused = try backup()
    #expect(refused.status == 22 && refused.errors.contains("can be written to by everybody"), "\(refused)")
    #expect(refused.errors.contains("--config \(file)"), "\(refused)")
    #expect(try backup(["--config", file]).status == 0)
    #expect(try backup([], ["BELAY_TRUST_CONFIG": file]).status == 0)
    chmod(file, 0o644)
    #expect(try backup().status == 0)
  }

  @Test func `what is no file under a name that belay reads is told, and never waited for`() throws {
    let shop = try Workspace()
    try #require(try shop.belay("backup", shop.url).status == 0)
    func fifo(_ name: String) { mkfifo(shop.folder.appending(path: name).path, 0o600) }
    func remove(_ name: String) throws { try FileManager.default.removeItem(at: shop.folder.appending(path: name)) }
    for (name, command, status) in [
      ("backups/x.tar", ["show", "x"], Int32(21)), ("migrations/1.sql", ["migrate", shop.url, "--plan"], 22),
      ("belay.yaml", ["backup", shop.url], 64), ("f.db", ["backup", "sqlite:f.db"], 22),
    ] {
      fifo(name)
      let run = try Program.run("/usr/bin/env", ["timeout", "20", Program.belay().path] + command, in: shop.folder)
      #expect(run.status == status, "\(name): \(run)")
      try remove(name)
    }
  }
}

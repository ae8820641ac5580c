import DriverTesting
import Foundation
import Testing

/// What goes wrong between belay and D1, at each call of a whole command. However it ends, it ends truly: nothing is applied
/// twice, nothing counts as done that is not, and what failed can be run again.
@Suite("faults at every call, on D1")
struct D1FaultTests {
  private static let schema = """
    CREATE TABLE counter (id INTEGER PRIMARY KEY, n INTEGER NOT NULL);
    CREATE TABLE steps (n INTEGER REFERENCES counter(id));
    INSERT INTO counter VALUES (1, 0);
    """

  private static let kinds = FakeD1Fault.passing

  private static let everywhere = Set(
    (ProcessInfo.processInfo.environment["BELAY_EVERY_FAULT"] ?? "").split(separator: ",").map(String.init))

  /// The calls of a run at which one kind of fault strikes: together the kinds strike at each. Kinds that BELAY_EVERY_FAULT
  /// names do so alone.
  private func places(_ kind: FakeD1Fault.Kind, of count: Int) -> [Int] {
    if Self.everywhere.contains(kind.rawValue) { return Array(1...count) }
    let first = Self.kinds.firstIndex(of: kind) ?? 0
    return Array(stride(from: first + 1, through: count, by: Self.kinds.count))
  }

  /// Whether the call does its work though its answer is another. Who is told that he asks too often was not let in.
  private func works(_ kind: FakeD1Fault.Kind, at number: Int) -> [Bool] {
    if kind == .rateLimit { return [false] }
    return Self.everywhere.contains(kind.rawValue) ? [false, true] : [number % 2 != 0]
  }

  /// One file by one call, one by import; each shows when it is applied twice.
  private func makeShop(retrying milliseconds: Int = 2500, options: [String] = []) throws -> D1Workspace {
    let shop = try D1Workspace(schema: Self.schema)
    let config = D1Workspace.configuration(of: shop.account, options: options) + "formats: [native]\n"
    try shop.write(config.replacing("retry_ms: 2500", with: "retry_ms: \(milliseconds)"), to: "belay.yaml")
    try shop.migration("1.sql", "INSERT INTO steps VALUES (1);\nUPDATE counter SET n = n + 1;")
    try shop.migration(
      "2.sql",
      """
      -- belay: allow-change steps
      CREATE TRIGGER stepped AFTER UPDATE ON counter BEGIN
        INSERT INTO steps VALUES (CASE new.n WHEN 0 THEN 0 ELSE new.id END);
      END;
      UPDATE counter SET n = n + 10;
      """)
    return shop
  }

  private static let before = [["0"]]
  private static let after = [["11"]]

  private func counter(_ shop: D1Workspace) throws -> [[String]] { try shop.database.sql("SELECT n FROM counter") }

  private func calls(of arguments: [String]) throws -> Int {
    let shop = try makeShop()
    let run = try Program.run(Program.belay().path, arguments, in: shop.folder)
    try #require([0, 3].contains(run.status), "\(run)")
    return try shop.account.log().count
  }

  /// As before or as after, as the command says; then everything goes well.
  private func expectTrue(_ run: Program.Outcome, _ shop: D1Workspace, _ place: String) throws {
    let found = try counter(shop)
    let isDone = [0, 3].contains(run.status)
    #expect(found == (isDone ? Self.after : Self.before), "\(place)\n\(run)")
    #expect(try shop.applied() == (isDone ? ["'1.sql'", "'2.sql'"] : []), "\(place)\n\(run)")
    #expect(try shop.database.sql("SELECT count(*) FROM steps") == [[isDone ? "2" : "0"]], "\(place)\n\(run)")
    #expect(!run.errors.contains(shop.account.token) && !run.output.contains(shop.account.token))
    #expect(try shop.account.counts()["credentials_leaked", default: 0] == 0)
  }

  @Test("that strike once, in a migration", arguments: kinds)
  func migration(kind: FakeD1Fault.Kind) throws {
    let command = ["migrate", "shop", "--yes", "--no-rehearse"]
    for number in places(kind, of: try calls(of: command)) {
      for workDone in works(kind, at: number) {
        let shop = try makeShop()
        try shop.account.arm(FakeD1Fault(kind, at: number, workDone: workDone))
        let run = try Program.run(Program.belay().path, command, in: shop.folder)
        try shop.account.disarm()
        let place = "\(kind.rawValue) at call \(number), work done: \(workDone)"
        #expect(run.status != 40, "\(place)\n\(run)")
        try expectTrue(run, shop, place)
        guard ![0, 3].contains(run.status) else { continue }
        let again = try Program.run(Program.belay().path, command, in: shop.folder)
        #expect([0, 3].contains(again.status), "\(place)\n\(run)\n--- again\n\(again)")
        try expectTrue(again, shop, place)
      }
    }
  }

  @Test(
    "that strike at a task or a signed URL",
    arguments: [
      (.vanishedTask, .importPoll), (.taskError, .importPoll), (.expiredURL, .upload), (.wrongETag, .upload),
      (.missingETag, .upload), (.cut, .upload), (.cut, .importIngest), (.cut, .importInit),
    ] as [(FakeD1Fault.Kind, FakeD1Call)])
  func tasks(kind: FakeD1Fault.Kind, call: FakeD1Call) throws {
    // The first import is the copy's, the second the file's.
    for number in 1...2 {
      let shop = try makeShop()
      try shop.account.arm(FakeD1Fault(kind, call, at: number, workDone: true))
      let run = try shop.belay("migrate", "shop", "--yes", "--no-rehearse")
      try shop.account.disarm()
      #expect(run.status != 40, "\(run)")
      try expectTrue(run, shop, "\(kind.rawValue) at \(call.rawValue) \(number)")
      #expect([0, 3].contains(try shop.belay("migrate", "shop", "--yes", "--no-rehearse").status))
      #expect(try counter(shop) == Self.after)
    }
  }

  @Test("a rate limit that is met again and again is waited for, in the middle of a migration too")
  func rateLimited() throws {
    let shop = try makeShop(retrying: 100)
    try shop.write(
      try String(contentsOf: shop.folder.appending(path: "belay.yaml"), encoding: .utf8)
        .replacing("rate_limit_ms: 2500", with: "rate_limit_ms: 40000"), to: "belay.yaml")
    let command = ["migrate", "shop", "--yes", "--no-rehearse"]
    let count = try calls(of: command)
    // Long enough that a slow machine does not use it up between two calls.
    try shop.account.set(["rate_calls": count / 4, "rate_seconds": 5])
    let run = try Program.run(Program.belay().path, command, in: shop.folder)
    try expectTrue(run, shop, "rate limit")
    #expect([0, 3].contains(run.status), "\(run)")
    #expect(try shop.account.counts()["rate_limited", default: 0] >= 3, "\(run)")
    #expect(run.errors.contains("Cloudflare's rate limit is reached: continuing in"), "\(run)")
  }

  @Test("an import that fails says so in one of several ways", arguments: ["status", "success", "errors", "envelope"])
  func shapes(shape: String) throws {
    let shop = try makeShop()
    try shop.account.set(["failure_shape": shape])
    try shop.migration("3.sql", "PRAGMA foreign_keys=OFF;\nDELETE FROM steps;\nINSERT INTO counter VALUES (1, 5);")
    let run = try shop.belay("migrate", "shop", "--yes", "--no-rehearse")
    #expect(run.status == 30 && run.errors.contains("UNIQUE constraint failed"), "\(run)")
    try expectTrue(run, shop, shape)
  }

  @Test("a network that is gone from some call on, until recovery", arguments: [0, 1])
  func gone(half: Int) throws {
    let command = ["migrate", "shop", "--yes", "--no-rehearse"]
    let count = try calls(of: command)
    for number in stride(from: 2 + half * 5, through: count, by: Self.everywhere.contains("gone") ? 1 : 10) {
      let shop = try makeShop(retrying: 30)
      try shop.account.arm(FakeD1Fault(.cut, at: number, times: nil, workDone: number % 3 == 0))
      let run = try Program.run(Program.belay().path, command, in: shop.folder)
      try shop.account.disarm()
      // D1 gives up what nobody asks for.
      try shop.account.advanceClock(seconds: 20)
      let place = "gone from call \(number) of \(count) on\n\(run)"
      let recovery = try shop.belay("recover")
      #expect(recovery.status == 0, "\(place)\n--- recover\n\(recovery)")
      let found = try counter(shop)
      #expect(found == Self.before || found == Self.after, "\(place)\n--- recover\n\(recovery)")
      #expect(![0, 3].contains(run.status) || found == Self.after, "\(place)")
      #expect(try shop.others().map(\.name) == [], "\(place)\n--- recover\n\(recovery)")
      #expect([0, 3].contains(try shop.belay("migrate", "shop", "--yes", "--no-rehearse").status))
      #expect(try counter(shop) == Self.after, "\(place)")
    }
  }

  @Test("that strike once, in a backup", arguments: kinds)
  func backup(kind: FakeD1Fault.Kind) throws {
    let command = ["backup", "shop"]
    for number in places(kind, of: try calls(of: command)) {
      for workDone in works(kind, at: number) { try backup(FakeD1Fault(kind, at: number, workDone: workDone), command) }
    }
  }

  @Test(
    "that strike once, in a backup by D1's own export",
    arguments: [
      (.exportStart, [.cut, .html, .transient]), (.exportPoll, [.cut, .cutBody, .html, .vanishedTask, .taskError]),
      (.download, [.cut, .cutBody, .short, .wrongLength, .corrupt, .wrongETag, .missingETag, .expiredURL, .html]),
    ] as [(FakeD1Call, [FakeD1Fault.Kind])])
  func export(call: FakeD1Call, kinds: [FakeD1Fault.Kind]) throws {
    for kind in kinds {
      for workDone in [false, true] {
        try backup(FakeD1Fault(kind, call, workDone: workDone), ["backup", "shop"], options: ["native: export"])
      }
    }
  }

  private func backup(_ fault: FakeD1Fault, _ command: [String], options: [String] = []) throws {
    let shop = try makeShop(options: options)
    try shop.account.arm(fault)
    let run = try Program.run(Program.belay().path, command, in: shop.folder)
    try shop.account.disarm()
    let place = "\(fault.body)\n\(run)"
    let archives = try FileManager.default.contentsOfDirectory(atPath: shop.store.path).filter { $0.hasSuffix(".tar") }
    #expect(archives.count == ([0, 1].contains(run.status) ? 1 : 0), "\(place)")
    // 1: it is there, and could not be proven.
    #expect([0, 1, 20, 21, 22].contains(run.status), "\(place)")
    #expect((run.status == 1) == run.errors.contains("is kept: every member"), "\(place)")
    guard [0, 1].contains(run.status) else { return }
    let verified = try shop.belay("verify", "latest", "--level", "restore")
    #expect(verified.status == 0, "\(place)\n--- verify\n\(verified)")
  }
}

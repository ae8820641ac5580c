import DriverTesting
import Foundation
import Testing

/// A database in which others write all along.
protocol WrittenShop: KillableShop {
  /// A shell command that inserts `$k` into the table `acked`, and succeeds only where that is committed.
  var insertion: String { get }
  /// The rows of that table in the database, and in each database beside it.
  func rowsInDatabases() throws -> Set<Int>
}

extension WrittenShop {
  private func rowsInArchives() throws -> Set<Int> {
    var rows: Set<Int> = []
    for name in try FileManager.default.contentsOfDirectory(atPath: store.path) where name.hasSuffix(".tar") {
      let extracted = try belay("extract", String(name.dropLast(4)), "--table", "acked")
      try #require(extracted.status == 0, "\(extracted)")
      rows.formUnion(extracted.output.split(whereSeparator: \.isNewline).compactMap { Int($0) })
    }
    return rows
  }

  /// Starts programs that insert row after row, and note each that they were told is committed.
  fileprivate func startWriters(_ count: Int) throws -> [Program.Running] {
    try (1...count).map { number in
      let loop = """
        n=0
        while [ ! -e stop ] && kill -0 $PPID; do
          n=$((n + 1)); k=$((\(number) * 1000000 + n))
          if \(insertion); then echo $k >>acked.\(number); fi
        done >/dev/null 2>&1
        """
      return try Program.start("/bin/sh", ["-c", loop], in: folder)
    }
  }

  fileprivate func acknowledged() throws -> Set<Int> {
    var rows: Set<Int> = []
    for name in try FileManager.default.contentsOfDirectory(atPath: folder.path) where name.hasPrefix("acked.") {
      let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
      rows.formUnion(text.split(separator: "\n").compactMap { Int($0) })
    }
    return rows
  }

  fileprivate func lost() throws -> Set<Int> {
    try acknowledged().subtracting(rowsInDatabases()).subtracting(rowsInArchives())
  }
}

/// Where a run is killed; nil: it is not.
struct Kill: CustomStringConvertible, Sendable {
  let victim: String
  let step: Int
  let side: String
  var description: String { "\(victim):\(step):\(side)" }
}

/// Every row that others were told is committed is in the database, in one beside it, or in an archive: with no kill, and
/// with one before or after any line of the journal.
///
/// Only `rounds` of the kills, others each time; BELAY_ROUNDS says how many instead.
/// - Parameter prepare: gives the command.
func writeMeanwhile<Shop: WrittenShop>(
  _ shop: Shop, rounds: Int = 3, victims: [String] = ["kill-worker", "kill-front", "kill-both"], status: Set<Int32>,
  _ prepare: (Shop) throws -> [String]
) throws {
  let saved = SavedFolder(of: shop.folder)
  try saved.save()
  defer { saved.remove() }
  try shop.putAside()

  func round(_ kill: Kill?) throws -> Int {
    try saved.putBack()
    try shop.putBack()
    let writers = try shop.startWriters(2)
    // Whatever is thrown, they end.
    defer { try? shop.write("", to: "stop") }
    while try shop.acknowledged().count < 4 { usleep(10_000) }
    let arguments = try prepare(shop)
    let run = try Program.run(
      Program.belay().path, arguments, in: shop.folder,
      environment: kill.map { ["BELAY_FAULT": $0.description] } ?? [:])
    let steps = try journaledSteps(shop)
    try waitForWorker(shop)
    var recovery = try shop.belay("recover")
    if recovery.status == 40 { recovery = try shop.belay("recover", "--yes") }
    try shop.write("", to: "stop")
    for writer in writers { _ = try writer.wait() }
    let place = "\(kill.map(\.description) ?? "no kill")\n\(run)\n--- recover\n\(recovery)"
    let lost = try shop.lost()
    #expect(lost == [], "\(place)")
    #expect([0, 3].contains(recovery.status), "\(place)")
    if kill == nil { #expect(status.contains(run.status), "\(place)") }
    return steps
  }

  let steps = try round(nil)
  let kills = victims.flatMap { victim in
    (0..<steps).flatMap { step in
      ["before", "after"].map { Kill(victim: victim, step: step, side: $0) }
    }
  }
  let asked = ProcessInfo.processInfo.environment["BELAY_ROUNDS"].flatMap { Int($0) }
  // Each place comes once before one comes again.
  var order: [Kill] = []
  while order.count < asked ?? rounds { order += kills.shuffled() }
  for kill in order.prefix(asked ?? rounds) { _ = try round(kill) }
  if let asked { print("\(asked) kills at \(kills.count) places") }
}

@Suite("Rows that others were told are committed while belay puts a database back")
struct AcknowledgedRowsTests {
  /// The first steps are committed, and have changed rows: else the backup would not be put over what others have written.
  /// The last one fails on the target.
  private static func failing(_ shop: some WrittenShop) throws -> [String] {
    try shop.migration("1.sql", "CREATE TABLE n1 (x int);\nDELETE FROM orders WHERE id = 1;")
    try shop.migration("2.sql", "-- belay: no-transaction\nCREATE TABLE n2 (x int);")
    try shop.migration("3.sql", "CREATE TABLE n3 (x int);\nSELECT missing;")
    return ["migrate", shop.url, "--yes", "--no-rehearse"]
  }

  private static func rollback(_ shop: some WrittenShop) throws -> [String] {
    try #require(try shop.belay("backup", shop.url, "--name", "good").status == 0)
    let id = try shop.latest()
    // Until they have written something that is not in it.
    var code: Substring?
    for _ in 0..<100 where code == nil {
      code = try shop.belay("rollback", id).output.firstMatch(of: /ROLLBACK_[A-Z0-9]{8}/)?.0
    }
    return ["rollback", id, "--yes", "--confirm", String(try #require(code))]
  }

  @Test("none is lost on SQLite, in either mode of its journal", arguments: ["wal", "delete"], [true, false])
  func sqlite(mode: String, migrates: Bool) throws {
    let shop = try Workspace(
      schema: "PRAGMA journal_mode=\(mode);" + Workspace.shop + "CREATE TABLE acked (k INTEGER PRIMARY KEY);")
    try writeMeanwhile(shop, status: migrates ? [30, 31] : [0], migrates ? Self.failing : Self.rollback)
  }

  @Test("none is lost on PostgreSQL", arguments: [true, false])
  func postgresql(migrates: Bool) throws {
    let shop = try PostgreSQLWorkspace(schema: PostgreSQLWorkspace.shop + "CREATE TABLE acked (k int PRIMARY KEY);")
    try writeMeanwhile(shop, rounds: 2, status: migrates ? [30, 31] : [0], migrates ? Self.failing : Self.rollback)
  }

  @Test("none is lost on MariaDB where one statement moves the tables", arguments: [true, false])
  func mariadb(migrates: Bool) throws {
    let shop = try MariaDBWorkspace(schema: MariaDBWorkspace.shop + "CREATE TABLE acked (k int PRIMARY KEY);")
    try writeMeanwhile(shop, rounds: 2, status: migrates ? [30, 31] : [0], migrates ? Self.failing : Self.rollback)
  }

  @Test("none is lost on D1, where the engine's own rewind puts it back, and another one undoes that")
  func d1() throws {
    let shop = try D1Workspace(
      schema: D1Workspace.shop + "CREATE TABLE acked (k INTEGER PRIMARY KEY);",
      settings: ["restores": 1000, "rate_calls": 1_000_000], options: ["copy_attempts: 5000"])
    try writeMeanwhile(shop, rounds: 2, status: [30, 31], Self.failing)
  }
}

extension D1Workspace: WrittenShop {
  /// A copy needs a moment in which nobody writes: so a writer rests, for as long as fifteen of its calls take on this machine.
  var insertion: String {
    """
    began=$(date +%s%N) && curl -sf --max-time 60 -H 'Authorization: Bearer \(account.token)' -H 'Content-Type: application/json' \
      -d "{\\"sql\\": \\"INSERT INTO acked VALUES ($k)\\"}" \
      '\(account.baseURL)/accounts/\(account.id)/d1/database/\(database.id)/query' | grep -q '"success": *true' &&
      pause=$(( ($(date +%s%N) - began) * 15 / 1000000 )) && sleep $((pause / 1000)).$(printf %03d $((pause % 1000)))
    """
  }

  /// Also behind the bookmarks that undo what was rewound: the journal names them, also where the answer was lost.
  func rowsInDatabases() throws -> Set<Int> {
    var rows = Set(try database.sql("SELECT k FROM acked").compactMap { Int($0[0]) })
    let lines = try journals().split(separator: "\n").filter { $0.contains(#/"(rewinding|rewound|rewoundUnseen)"/#) }
    let bookmarks = lines.flatMap { line in
      line.matches(of: #/[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{8}-[0-9a-f]{32}/#).map { String($0.output) }
    }
    for undo in Set(bookmarks) {
      try database.travel(to: undo)
      rows.formUnion(try database.sql("SELECT k FROM acked").compactMap { Int($0[0]) })
    }
    return rows
  }
}

extension Workspace: WrittenShop {
  var insertion: String { #"sqlite3 -bail -cmd '.timeout 5000' shop.db "INSERT INTO acked VALUES ($k)""# }

  func rowsInDatabases() throws -> Set<Int> {
    Set(try sqlite(".timeout 5000\nSELECT k FROM acked").split(separator: "\n").compactMap { Int($0) })
  }
}

extension PostgreSQLWorkspace: WrittenShop {
  var insertion: String { "psql -qX '\(url)' -c \"INSERT INTO acked VALUES ($k)\"" }

  func rowsInDatabases() throws -> Set<Int> {
    var rows: Set<Int> = []
    for name in try leftovers() + [database] {
      rows.formUnion(
        try server.psql("SELECT k FROM acked", database: name).split(separator: "\n").compactMap { Int($0) })
    }
    return rows
  }
}

extension MariaDBWorkspace: WrittenShop {
  var insertion: String {
    "mariadb --no-defaults --user=root --socket=\(server.folder)/socket '\(database)' -e \"INSERT INTO acked VALUES ($k)\""
  }

  func rowsInDatabases() throws -> Set<Int> {
    var rows: Set<Int> = []
    for name in try leftovers() + [database] {
      rows.formUnion(
        try server.client("SELECT k FROM acked", database: name).split(separator: "\n").compactMap { Int($0) })
    }
    return rows
  }
}

import DriverTesting
import Foundation
import Testing

@Suite("What pages say to type with other programs, as they say it")
struct PageCommandsTests {
  private static let mark = "run by: Tests/EndToEndTests/Documentation/PageCommandsTests.swift"

  /// The blocks of a page that are for this suite.
  private func blocks(_ page: String) throws -> [Page.Block] {
    let blocks = try Page(page).blocks.filter { $0.marks.contains(Self.mark) }
    try #require(!blocks.isEmpty)
    return blocks
  }

  /// Runs lines in one shell, which finds belay.
  private func type(
    _ lines: [String], in folder: URL, _ environment: [String: String] = [:], programs: String = "/usr/bin"
  ) throws -> Program.Outcome {
    let belay = try Program.belay().deletingLastPathComponent().path
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    let run = try Program.run(
      "/bin/sh", ["-ec", lines.joined(separator: "\n")], in: folder,
      environment: environment.merging(["PATH": "\(belay):\(programs):\(path)"]) { $1 })
    #expect(run.status == 0, "\(lines.joined(separator: "\n"))\n\(run)")
    return run
  }

  @Test("an archive is restored by hand, with SQLite's own programs")
  func byHandSQLite() throws {
    let shop = try Workspace()
    let before = try shop.dump()
    try #require(try shop.belay("backup", shop.url).status == 0)
    let archive = shop.store.appending(path: try shop.latest() + ".tar")
    try FileManager.default.copyItem(at: archive, to: shop.folder.appending(path: "ID.tar"))
    let commands = try blocks("docs/archive-format.md").filter {
      $0.isMeant(for: "SQLite", of: ["SQLite", "PostgreSQL"])
    }
    .flatMap(\.commands)
    _ = try type(commands, in: shop.folder)
    for name in ["restored.db", "restored-from-sql.db"] {
      let after = try shop.dump(shop.folder.appending(path: "restore/\(name)"))
      // The SQL text makes indexes after the rows.
      #expect(after.split(separator: "\n").sorted() == before.split(separator: "\n").sorted(), "\(name)")
    }
  }

  @Test("an archive is restored by hand, with PostgreSQL's own programs")
  func byHandPostgreSQL() throws {
    let shop = try PostgreSQLWorkspace()
    try #require(try shop.belay("backup", shop.url).status == 0)
    let archive = shop.store.appending(path: try shop.latest() + ".tar")
    try FileManager.default.copyItem(at: archive, to: shop.folder.appending(path: "ID.tar"))
    // Names that no other test has.
    let mark = UUID().uuidString.prefix(8).lowercased()
    let commands = try blocks("docs/archive-format.md").filter {
      $0.isMeant(for: "PostgreSQL", of: ["SQLite", "PostgreSQL"])
    }.flatMap(\.commands).map { $0.replacing(/\brestored(_from_sql)?\b/) { "\($0.output.0)_\(mark)" } }
    let environment = ["PGHOST": shop.server.folder, "PGUSER": "postgres"]
    _ = try type(commands, in: shop.folder, environment, programs: shop.server.programs)
    let before = try shop.dump()
    for name in ["restored_\(mark)", "restored_from_sql_\(mark)"] {
      #expect(try shop.server.dump(name) == before, "\(name)")
      try shop.server.dropDatabase(name)
    }
  }

  @Test("an encrypted archive is made with new keys, and restored by hand")
  func encryption() throws {
    let shop = try Workspace()
    let before = try shop.dump()
    let all = try blocks("docs/encryption.md")
    let settings = try #require(all.first { $0.language == "yaml" })
    try shop.write(
      "targets:\n  shop: sqlite:shop.db\n" + settings.lines.joined(separator: "\n") + "\n", to: "belay.yaml")
    let shell = all.filter { $0.language == "sh" }
    try #require(shell.count == 3)
    _ = try type(shell[0].commands + shell[1].commands, in: shop.folder)
    #expect(try shop.dump(shop.folder.appending(path: "copy.db")) == before)
    let id = try shop.latest()
    let byHand = shell[2].commands.map { $0.replacing("20261120T143022Z-shop", with: "backups/\(id)") }
    _ = try type(byHand, in: shop.folder)
    #expect(try shop.dump(shop.folder.appending(path: "restored.db")) == before)
  }

  @Test("a script tells by the exit status what has become of the database", arguments: [0, 1])
  func statuses(fails: Int) throws {
    let shop = try Workspace()
    try shop.write("targets:\n  shop: sqlite:shop.db\n", to: "belay.yaml")
    try shop.migration("1.sql", fails == 1 ? "INSERT INTO nothing VALUES (1);" : "CREATE TABLE tags (name TEXT);")
    let lines = try blocks("docs/exit-codes.md").flatMap(\.commands)
    let run = try Program.run(
      "/bin/sh", ["-c", lines.joined(separator: "\n")], in: shop.folder,
      environment: ["PATH": "\(Program.belay().deletingLastPathComponent().path):/usr/bin:/bin"])
    #expect(run.status == Int32(fails), "\(run)")
  }
}

import DriverTesting
import Foundation
import Testing

@Suite("The runbooks, as they say it, on SQLite and PostgreSQL")
struct RunbookTests {
  /// A database of one engine with a belay.yaml that calls it `shop`, and its client as `sql`.
  enum Engine: String, CaseIterable, Sendable { case sqlite = "SQLite", postgresql = "PostgreSQL" }

  private static let schema = """
    CREATE TABLE customers (id integer PRIMARY KEY, name varchar(80) NOT NULL);
    CREATE TABLE orders (id integer PRIMARY KEY, customer integer NOT NULL, what varchar(80));
    CREATE INDEX orders_by_customer ON orders(customer);
    INSERT INTO customers VALUES (1, 'Ada'), (2, 'Brian');
    INSERT INTO orders VALUES (1, 1, 'a book'), (2, 2, 'a "quoted", thing'), (3, 1, 'tea');
    """

  private final class Shop {
    let engine: Engine
    let folder: BelayFolder
    private let sqlite: Workspace?
    private let postgresql: PostgreSQLWorkspace?

    init(_ engine: Engine) throws {
      self.engine = engine
      switch engine {
      case .sqlite:
        let made = try Workspace(schema: RunbookTests.schema)
        (sqlite, postgresql, folder) = (made, nil, made)
      case .postgresql:
        let made = try PostgreSQLWorkspace(schema: RunbookTests.schema)
        (sqlite, postgresql, folder) = (nil, made, made)
      }
      try folder.write("targets:\n  shop: \(folder.url)\n", to: "belay.yaml")
    }

    func sql(_ text: String) throws {
      if let sqlite { try sqlite.sqlite(text) } else { try postgresql?.psql(text) }
    }

    func dump() throws -> String { try sqlite?.dump() ?? postgresql?.dump() ?? "" }

    func drop() throws {
      if let sqlite { try FileManager.default.removeItem(at: sqlite.database) }
      if let postgresql { try postgresql.server.dropDatabase(postgresql.database) }
    }

    /// Environment in which `sql` and the engine's own programs reach the database.
    private var environment: [String: String] {
      get throws {
        let belay = try Program.belay().deletingLastPathComponent().path
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
        guard let postgresql else { return ["PATH": "\(belay):\(path)"] }
        return [
          "PATH": "\(belay):\(postgresql.server.programs):\(path)", "PGHOST": postgresql.server.folder,
          "PGUSER": "postgres",
          "URL": postgresql.url,
        ]
      }
    }

    /// Runs the commands of a page in one shell.
    @discardableResult
    func run(_ commands: [String], _ variables: [String: String] = [:], in place: URL? = nil) throws -> Program.Outcome
    {
      let client =
        engine == .sqlite ? "sql() { sqlite3 -bail shop.db; }" : "sql() { psql -X -q -v ON_ERROR_STOP=1 \"$URL\"; }"
      let script = ([client] + commands).joined(separator: "\n")
      let outcome = try Program.run(
        "/bin/bash", ["-euo", "pipefail", "-c", script], in: place ?? folder.folder,
        environment: environment.merging(variables) { $1 })
      #expect(outcome.status == 0, "\(engine.rawValue):\n\(commands.joined(separator: "\n"))\n\(outcome)")
      return outcome
    }
  }

  /// What a page says to type: the lines of its blocks, without those for the other engine.
  private static func commands(_ page: String, _ engine: Engine, block: Int? = nil) throws -> [String] {
    let blocks = try Page("docs/runbooks/\(page).md").blocks.filter {
      $0.language == "console" && $0.isMeant(for: engine.rawValue, of: Engine.allCases.map(\.rawValue))
    }
    return block.map { blocks[$0].commands } ?? blocks.flatMap(\.commands)
  }

  @Test(arguments: Engine.allCases) func `everything lost`(_ engine: Engine) throws {
    let shop = try Shop(engine)
    let before = try shop.dump()
    try #require(try shop.folder.belay("backup", "shop").status == 0)
    try shop.drop()
    try shop.run(Self.commands("everything-lost", engine))
    #expect(try shop.dump() == before)
  }

  @Test("one table, dropped or overwritten", arguments: Engine.allCases) func oneTable(_ engine: Engine) throws {
    for damage in ["DROP TABLE orders;", "UPDATE orders SET what = 'x';"] {
      let shop = try Shop(engine)
      let before = try shop.dump()
      try #require(try shop.folder.belay("backup", "shop").status == 0)
      try shop.sql(damage)
      let run = try shop.run(Self.commands("one-table", engine))
      #expect((run.output + run.errors).contains("no row of 1 table differs"), "\(run)")
      #expect(try Self.sorted(shop.dump()) == Self.sorted(before))
    }
  }

  @Test(arguments: Engine.allCases) func `some rows`(_ engine: Engine) throws {
    let shop = try Shop(engine)
    try #require(try shop.folder.belay("backup", "shop").status == 0)
    try shop.sql("INSERT INTO orders VALUES (4, 2, 'later');")
    let before = try shop.dump()
    try shop.sql("DELETE FROM orders WHERE id < 3;")
    try shop.run(Self.commands("some-rows", engine))
    #expect(try Self.sorted(shop.dump()) == Self.sorted(before))
  }

  @Test(arguments: Engine.allCases) func `wrong a week later`(_ engine: Engine) throws {
    let shop = try Shop(engine)
    try shop.folder.migration("1_short.sql", "UPDATE customers SET name = 'X';")
    try #require(try shop.folder.belay("migrate", "shop", "--yes").status == 0)
    try shop.sql("INSERT INTO orders VALUES (4, 2, 'written since');")
    let id = try shop.folder.latest()
    let asked = try shop.folder.belay("rollback", id)
    let code = try #require(
      asked.errors.firstMatch(of: /ROLLBACK_[0-9A-Z]+/) ?? asked.output.firstMatch(of: /ROLLBACK_[0-9A-Z]+/))
    try shop.run(Self.commands("wrong-a-week-later", engine), ["CODE": String(code.output)])
    let dump = try shop.dump()
    for text in ["Ada", "Brian", "written since"] { #expect(dump.contains(text), "\(dump)") }
  }

  @Test(arguments: Engine.allCases) func `by hand`(_ engine: Engine) throws {
    let shop = try Shop(engine)
    try #require(try shop.folder.belay("backup", "shop").status == 0)
    var commands = try Self.commands("by-hand", engine)
    // Names that no other test has, and a database whose table is there and empty.
    let mark = UUID().uuidString.prefix(8).lowercased()
    commands = commands.map { line in
      engine == .sqlite
        ? line : line.replacing(/\b(restored_from_sql|restored|emptied)\b/) { "\($0.output.1)_\(mark)" }
    }
    let archive = shop.folder.store.appending(path: try shop.folder.latest() + ".tar").path
    let empty =
      engine == .sqlite
      ? "mkdir unpacked && sqlite3 unpacked/emptied.db 'CREATE TABLE orders (id, customer, what)' && rmdir unpacked 2>/dev/null || true"
      : "createdb emptied_\(mark) && psql -X -q -c 'CREATE TABLE orders (id int, customer int, what text)' emptied_\(mark)"
    commands = commands.map { $0 == "mkdir unpacked" ? "mkdir -p unpacked" : $0 }
    try shop.run([empty] + commands, ["ARCHIVE": archive])
    let unpacked = shop.folder.folder.appending(path: "unpacked")
    let count = "SELECT count(*), min(what), max(what) FROM orders"
    for name in ["restored", "restored-from-sql", "emptied"] {
      let database = name.replacing("-", with: "_") + "_\(mark)"
      let run = try shop.run(
        [
          engine == .sqlite
            ? "sqlite3 '\(unpacked.path)/\(name).db' \"\(count)\""
            : "psql -X -t -A -c \"\(count)\" \(database); dropdb \(database)"
        ])
      #expect(run.output.trimmingCharacters(in: .newlines) == #"3|a "quoted", thing|tea"#, "\(name) \(run)")
    }
  }

  @Test(arguments: Engine.allCases) func `another host`(_ engine: Engine) throws {
    let shop = try Shop(engine)
    let before = try shop.dump()
    try #require(try shop.folder.belay("backup", "shop").status == 0)
    let archive = shop.folder.folder.appending(path: try shop.folder.latest() + ".tar")
    try FileManager.default.moveItem(at: shop.folder.store.appending(path: archive.lastPathComponent), to: archive)
    try FileManager.default.removeItem(at: shop.folder.store)
    try shop.drop()
    try shop.run(Self.commands("another-host", engine), ["ARCHIVE": "./\(archive.lastPathComponent)"])
    #expect(try shop.dump() == before)
    #expect(try shop.folder.belay("list").output.contains("shop"))
  }

  @Test("the key lost, with and without another recipient's key", arguments: Engine.allCases, [0, 1])
  func keyLost(_ engine: Engine, block: Int) throws {
    let shop = try Shop(engine)
    try shop.folder.write(
      "targets:\n  shop: \(shop.folder.url)\nencryption:\n  recipients: recipients.txt\n", to: "belay.yaml")
    try shop.run([
      "for key in lost second; do age-keygen -o $key.txt; age-keygen -y $key.txt; done > recipients.txt 2>/dev/null"
    ])
    let before = try shop.dump()
    try #require(try shop.folder.belay("backup", "shop").status == 0)
    try FileManager.default.removeItem(at: shop.folder.folder.appending(path: "lost.txt"))
    try shop.run(Self.commands("key-lost", engine, block: block))
    try shop.drop()
    let run = try shop.folder.belay("restore", "latest:shop", "--into", "shop", "--identity", "new.txt")
    #expect(run.status == 0, "\(run)")
    #expect(try shop.dump() == before)
  }

  @Test(arguments: Engine.allCases) func `disk full`(_ engine: Engine) throws {
    let shop = try Shop(engine)
    for _ in 0..<4 { try #require(try shop.folder.belay("backup", "shop").status == 0) }
    // The last backup has failed: nothing is removed until one succeeds.
    try shop.folder.folder(of: "backups/signing/x", "")
    try FileManager.default.moveItem(
      at: shop.folder.store.appending(path: "signing-key"), to: shop.folder.store.appending(path: "signing/key"))
    try FileManager.default.createDirectory(
      at: shop.folder.store.appending(path: "signing-key"), withIntermediateDirectories: false)
    try #require(try shop.folder.belay("backup", "shop").status == 20)
    try FileManager.default.removeItem(at: shop.folder.store.appending(path: "signing-key"))
    try FileManager.default.moveItem(
      at: shop.folder.store.appending(path: "signing/key"), to: shop.folder.store.appending(path: "signing-key"))
    try shop.run(Self.commands("disk-full", engine, block: 0))
    #expect(try shop.folder.belay("list").output.split(separator: "\n").count { $0.contains("-shop") } == 2)
  }

  /// The lines of a dump: a table that was made again stands elsewhere.
  private static func sorted(_ dump: String) -> [Substring] { dump.split(separator: "\n").sorted() }
}

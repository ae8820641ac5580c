import BelayDrivers
import DriverTesting
import Foundation
import Testing

/// A driver under contract: how to get at it, and what it claims. A claim is tested; what is not claimed is left out.
struct ContractSubject: Sendable, CustomTestStringConvertible {
  var name: String
  var testDescription: String { name }
  var driver: @Sendable () throws -> Driver
  /// The URL of a database that does not exist yet, in a folder.
  var url: @Sendable (_ folder: String, _ name: String) -> String
  /// Passed to every open, e.g. so that no test waits long for a lock.
  var options: [DriverOption] = []
  /// Makes a table of two columns, of which the first is its key. Empty where every database has it.
  var setUp: [String]
  /// The table's name.
  var table: String
  /// Rows that come back as they went in, with different keys.
  var rows: [[Value]]
  /// The URL's file, with this in it, is no database.
  var garbage: String?
  /// The longest text that is to come back whole, in bytes.
  var longestText = 8 << 20
  /// A scratch database can be put in the database's place.
  var promotes = true
  /// A query that runs for minutes.
  var endlessQuery: String?
  /// Statements that make more of a schema: indexes, views, triggers.
  var schema: [String] = []
  /// A script, and what its statements write.
  var script: [(sql: String, writes: [Write])] = []
  /// Extensions that this driver must have: so that one that gets lost is noticed.
  var extensions: Set<DriverExtension> = []

  func has(_ id: DriverExtension) -> Bool { extensions.contains(id) }

  static let all: [ContractSubject] = [minimal, plain, sqlite, sqliteCore, postgresql, d1, d1Core, mariadb]

  /// Those that claim a thing.
  static func having(_ id: DriverExtension) -> [ContractSubject] { all.filter { $0.has(id) } }
}

extension ContractSubject {
  private static let folder = Result { try TemporaryFolder() }

  private static func load(_ name: String) throws -> Driver {
    try DriverSearch(paths: [folder.get().path], environment: [:], executable: "/proc/self/exe").load(named: name)
  }

  private static let minimalFile = Result {
    try Compiler.build(
      "Plugins/Examples/minimal/minimal.c", to: folder.get()("belay-driver-minimal.so"),
      flags: ["-Wl,--version-script=\(Compiler.repository)/Sources/CBelayDriver/belay_driver.map", "-Wl,-z,defs"])
  }

  /// The example that an author reads first.
  static let minimal = ContractSubject(
    name: "minimal",
    driver: {
      _ = try minimalFile.get()
      return try load("minimal")
    },
    url: { "minimal:\($0)/\($1).txt" },
    setUp: [], table: "entry",
    rows: [
      [.text("null"), .null], [.text("empty"), .text("")], [.text(""), .text("the empty key")],
      [.text("line\nend"), .text("a\nb\\n")], [.text("a=b"), .text("=c==")], [.text("quotes"), .text("it's \"so\"")],
      [.text("é"), .text("naïve 🧗")],
    ],
    garbage: "a\\x")

  private static let plainFile = Result {
    try Compiler.build(
      "Tests/DriverContractTests/Drivers/plain.c", to: folder.get()("belay-driver-plain.so"), flags: ["-lsqlite3"])
  }

  /// A whole SQL engine behind the core alone: the host's fallbacks.
  static let plain = sqlEngine(
    name: "plain",
    driver: {
      _ = try plainFile.get()
      return try load("plain")
    },
    url: { "plain:\($0)/\($1).db" })

  /// The product, built beside these tests.
  static let sqlite: ContractSubject = {
    var subject = sqlEngine(
      name: "sqlite",
      driver: { try DriverSearch(paths: [], environment: [:], executable: "/proc/self/exe").load(named: "sqlite") },
      url: { "sqlite:\($0)/\($1).db" })
    subject.options = [DriverOption(key: "busy_timeout_ms", value: "100")]
    subject.extensions = [.script, .snapshot, .token, .scratch, .lock, .explain, .lint, .integrity]
    return subject
  }()

  /// The same with its extensions hidden: the host's fallbacks.
  static let sqliteCore: ContractSubject = {
    var subject = sqlite
    subject.name = "sqlite, core only"
    subject.driver = { try sqlite.driver().coreOnly() }
    subject.extensions = []
    return subject
  }()

  /// The fake's account of all these tests. No test here is to wait for what only guards the real service.
  private static let d1Account = Result {
    let account = try FakeD1.shared().makeAccount(["query_seconds": 3, "rate_calls": 1_000_000])
    // A scratch database is opened by its URL alone.
    setenv("CLOUDFLARE_API_TOKEN", account.token, 1)
    setenv("CLOUDFLARE_API_BASE_URL", account.baseURL, 1)
    return account
  }

  /// The product, built beside these tests, against the fake.
  static let d1: ContractSubject = {
    var subject = sqlEngine(
      name: "d1",
      driver: {
        _ = try d1Account.get()
        return try DriverSearch(paths: [], environment: [:], executable: "/proc/self/exe").load(named: "d1")
      },
      url: { folder, name in
        // A database lies in no folder, so the folder's name becomes part of its own.
        let place = folder.split(separator: "/").last.map(String.init) ?? ""
        return "d1://\((try? d1Account.get().id) ?? "none")/\(place)-\(name)"
      })
    subject.garbage = nil
    subject.longestText = 1_990_000
    subject.promotes = false
    subject.options = [
      DriverOption(key: "calls_in_5_minutes", value: "1000000"), DriverOption(key: "poll_ms", value: "5"),
      DriverOption(key: "retry_pause_ms", value: "5"), DriverOption(key: "settle_ms", value: "500"),
    ]
    subject.extensions = [
      .script, .snapshot, .token, .scratch, .lock, .rewind, .atomic, .explain, .lint, .integrity, .preflight,
    ]
    return subject
  }()

  /// The same with its extensions hidden: the host's fallbacks.
  static let d1Core: ContractSubject = {
    var subject = d1
    subject.name = "d1, core only"
    subject.driver = { try d1.driver().coreOnly() }
    subject.extensions = []
    return subject
  }()

  /// SQLite's dialect, types and schema, behind whatever driver.
  static func sqlEngine(
    name: String, driver: @escaping @Sendable () throws -> Driver,
    url: @escaping @Sendable (_ folder: String, _ name: String) -> String
  ) -> ContractSubject {
    ContractSubject(
      name: name, driver: driver, url: url,
      setUp: [#"CREATE TABLE "odd ""name" (k TEXT PRIMARY KEY NOT NULL, "the value")"#], table: "odd \"name",
      rows: [
        [.text("null"), .null], [.text("empty"), .text("")], [.text(""), .blob([])],
        [.text("least"), .integer(.min)], [.text("most"), .integer(.max)], [.text("zero"), .integer(0)],
        [.text("tenth"), .real(0.1)], [.text("tiny"), .real(.leastNonzeroMagnitude)],
        [.text("huge"), .real(-1.7976931348623157e308)],
        [.text("infinite"), .real(.infinity)], [.text("below"), .real(-.infinity)],
        [.text("nul"), .text("a\0b\0")], [.text("quotes"), .text("it's \"so\"\r\n")], [.text("é"), .text("naïve 🧗")],
        [.text("blob"), .blob([0, 1, 0xff, 0x27])], [.text("digits"), .text("00123")],
      ],
      garbage: String(repeating: "this is not a database\n", count: 100),
      endlessQuery: "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n",
      schema: [
        "CREATE TABLE parent (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE)",
        "CREATE TABLE child (id INTEGER PRIMARY KEY, parent_id INTEGER NOT NULL REFERENCES parent(id) ON DELETE CASCADE)",
        "CREATE INDEX child_parent ON child(parent_id)",
        "CREATE VIEW names AS SELECT name FROM parent",
        "CREATE TRIGGER noted AFTER INSERT ON parent BEGIN UPDATE parent SET name = NEW.name || '!' WHERE id = NEW.id; END",
        "INSERT INTO parent (id, name) VALUES (1, 'one'), (2, 'two')",
        "INSERT INTO child (id, parent_id) VALUES (10, 1), (11, 2), (12, 2)",
      ],
      script: [
        (
          "CREATE TABLE fresh (id INTEGER PRIMARY KEY, note TEXT)",
          [Write(kind: "table", name: "fresh", actions: .create)]
        ),
        ("INSERT INTO fresh (note) VALUES ('a;b'), ('it''s')", [Write(kind: "table", name: "fresh", actions: .insert)]),
        (#"UPDATE "odd ""name" SET "the value" = NULL"#, [Write(kind: "table", name: "odd \"name", actions: .update)]),
        ("DELETE FROM fresh WHERE note = 'a;b'", [Write(kind: "table", name: "fresh", actions: .delete)]),
        (
          "CREATE INDEX fresh_note ON fresh(note)",
          [Write(kind: "index", name: "fresh_note", parent: "fresh", actions: .create)]
        ),
        (
          "CREATE TRIGGER fresh_ai AFTER INSERT ON fresh BEGIN\n  DELETE FROM fresh WHERE id = 1; SELECT 1;\nEND",
          [Write(kind: "trigger", name: "fresh_ai", parent: "fresh", actions: .create)]
        ),
        ("SELECT count(*) FROM fresh", []),
        ("CREATE VIEW notes AS SELECT note FROM fresh", [Write(kind: "view", name: "notes", actions: .create)]),
        ("DROP VIEW notes", [Write(kind: "view", name: "notes", actions: .drop)]),
      ])
  }
}

/// One subject at work in a folder of its own.
final class Bench {
  let subject: ContractSubject
  let driver: Driver
  let folder: TemporaryFolder
  let operation = BelayDrivers.Operation()

  init(_ subject: ContractSubject) throws {
    self.subject = subject
    driver = try subject.driver()
    folder = try TemporaryFolder()
  }

  func url(_ name: String = "app") -> String { subject.url(folder.path, name) }

  /// Opens a database that exists.
  func open(_ name: String = "app", options: [DriverOption] = []) throws -> Connection {
    try driver.open(url(name), options: subject.options + options, operation: operation)
  }

  /// Makes an empty database.
  func create(_ name: String = "app") throws -> Connection {
    try driver.open(url(name), options: subject.options + [.create], operation: operation)
  }

  /// Makes a database with the subject's table, and rows in it.
  func fill(_ name: String = "app", rows: [[Value]]? = nil) throws -> Connection {
    let connection = try create(name)
    for statement in subject.setUp { try connection.execute(statement, operation: operation) }
    try insert(rows ?? subject.rows, into: connection)
    return connection
  }

  /// Makes a database with everything that the subject has.
  func fillWholly(_ name: String = "app") throws -> Connection {
    let connection = try fill(name)
    for statement in subject.schema { try connection.execute(statement, operation: operation) }
    return connection
  }

  /// The subject's table as the catalog has it, with the columns that it declares.
  func table(_ connection: Connection) throws -> CatalogTable {
    var table = try #require(connection.catalog(operation: operation).tables.first { $0.name == subject.table })
    // The subject's rows are for its declared columns; a whole copy of a table has the others too.
    table.columns.removeAll { $0.flags.contains(.implicit) }
    return table
  }

  func insert(_ rows: [[Value]], into connection: Connection) throws {
    // Many rows in one transaction: else an engine may wait for the disk after each.
    let together = rows.count > 100 && connection.traits.hasTransactions
    if together { try connection.execute(connection.traits.begin, operation: operation) }
    try connection.execute(insertion(connection), rows: rows, operation: operation)
    if together { try connection.execute(connection.traits.commit, operation: operation) }
  }

  func insertion(_ connection: Connection) throws -> String { try insertion(into: table(connection), connection) }

  func insertion(into table: CatalogTable, _ connection: Connection) -> String {
    let traits = connection.traits
    let places = table.storedColumns.indices.map { traits.parameter($0 + 1) }.joined(separator: ", ")
    return
      "INSERT INTO \(traits.quoted(schema: table.schema, name: table.name)) (\(table.selectList(traits))) VALUES (\(places))"
  }

  func selection(_ table: CatalogTable, _ connection: Connection) -> String {
    let traits = connection.traits
    return "SELECT \(table.selectList(traits)) FROM \(traits.quoted(schema: table.schema, name: table.name))"
  }

  /// The rows of the subject's table, as a set: no order is promised.
  func rows(_ connection: Connection) throws -> Set<[Value]> {
    Set(try connection.values(selection(table(connection), connection), operation: operation))
  }

  /// The rows of every table that has some.
  func allRows(_ connection: Connection) throws -> [ObjectIdentity: Set<[Value]>] {
    var all: [ObjectIdentity: Set<[Value]>] = [:]
    for table in try connection.catalog(operation: operation).tables where table.hasRows {
      all[table.object.identity] = Set(
        try connection.values(selection(table, connection), operation: operation))
    }
    return all
  }

  /// Many rows with different keys. bytes: of each row's value, at least.
  static func many(_ count: Int, bytes: Int = 0) -> [[Value]] {
    let filler = String(repeating: "x", count: bytes)
    return (0..<count).map { [.text("key \($0)"), .text("value \($0)" + filler)] }
  }

  /// What a call throws; fails the test where that is no driver's error.
  func failure(_ body: () throws -> Void) throws -> DriverError {
    try #require(#expect(throws: DriverError.self) { try body() })
  }
}

extension Catalog {
  /// Objects without what a copy may differ in: of equal identity and definition, they are the same.
  var shape: [CatalogObject] {
    objects.map {
      var object = $0
      object.rowEstimate = nil
      object.ddl = ""
      return object
    }
  }
}

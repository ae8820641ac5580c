import DriverTesting
import Foundation
import Testing

@Suite("doctor answers as migrate does")
struct DoctorTests {
  /// What is wrong, and how it is made so.
  enum Broken: String, CaseIterable, CustomTestStringConvertible {
    case interruptedRun = "a run that was interrupted"
    case storeIsFile = "a store that cannot be made"
    case wrongCheck = "a check that cannot run"
    case wrongLaterCheck = "a check for after the change that cannot run"
    case wrongAudit = "an audit query that cannot run"
    case failingCheck = "a check for before the change that fails"
    case noFolder = "no migrations folder"
    case deeperFiles = "a folder whose files lie in another one"
    case damaged = "a damaged database"
    case wrongFile = "a file that controls the transaction itself"
    case changedFile = "a file that was changed after it was applied"
    case wrongDirective = "a directive that does not exist"
    case wrongConfiguration = "a belay.yaml with an unknown key"
    case unknownTarget = "a belay.yaml without the target"
    case unsetVariable = "a URL with a variable that is not set"
    case noDriver = "a scheme that no driver has"
    case noDatabase = "a database that does not exist"
    case noSuchFormat = "a file that is no database"
    case readOnlyDatabase = "a database that may only be read"
    case openStore = "a store that others can write to"
    case lateFile = "a file that sorts before one that is applied"
    case otherTool = "a folder of another tool"

    var testDescription: String { rawValue }

    /// Words that both say.
    var said: String {
      switch self {
      case .interruptedRun: "interrupted"
      case .storeIsFile: "cannot be used: Not a directory"
      case .wrongCheck, .wrongLaterCheck, .wrongAudit: "no such table: nowhere"
      case .failingCheck: "expected no rows"
      case .noFolder: "migrations"
      case .deeperFiles: "there is no *.sql file"
      case .damaged: "is damaged: Page 4"
      case .wrongFile: "controls the transaction itself"
      case .changedFile: "was changed after it was applied"
      case .wrongDirective: "speed"
      case .wrongConfiguration: "colour"
      case .unknownTarget: "shop"
      case .unsetVariable: "NO_SUCH_VARIABLE"
      case .noDriver: "nosuch"
      case .noDatabase: "no-such.db"
      case .noSuchFormat: "notes.db"
      case .readOnlyDatabase: "is read-only for this user"
      case .openStore: "can be written to by everybody"
      case .lateFile: "sorts before"
      case .otherTool: "Prisma"
      }
    }

    /// The line of the list that tells it.
    var item: String {
      switch self {
      case .interruptedRun: "unfinished runs"
      case .storeIsFile, .openStore: "store"
      case .wrongCheck, .wrongLaterCheck, .wrongAudit, .failingCheck: "checks"
      case .noFolder: "migrations folder"
      case .deeperFiles, .wrongFile, .changedFile, .wrongDirective, .lateFile, .otherTool: "migrations"
      case .damaged: "integrity"
      case .wrongConfiguration, .unknownTarget, .unsetVariable: "configuration"
      case .noDriver: "driver"
      case .noDatabase, .noSuchFormat: "connection"
      case .readOnlyDatabase: "rights"
      }
    }

    func happen(to shop: Workspace) throws {
      func configure(_ checks: String) throws {
        try shop.write("targets: { shop: sqlite:shop.db }\n" + checks, to: "belay.yaml")
      }
      try configure("")
      try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
      switch self {
      case .interruptedRun: _ = try shop.interruptMigration(of: "shop")
      case .storeIsFile: try configure("store: shop.db/backups\n")
      case .wrongCheck: try configure("checks: [{ name: c, sql: SELECT 1 FROM nowhere }]\n")
      case .wrongLaterCheck: try configure("checks: [{ name: c, sql: SELECT 1 FROM nowhere, when: after }]\n")
      case .wrongAudit: try configure("audit: [{ name: c, sql: SELECT 1 FROM nowhere }]\n")
      case .failingCheck: try configure("checks: [{ name: c, sql: SELECT 1 FROM orders, when: before }]\n")
      case .deeperFiles:
        try FileManager.default.removeItem(at: shop.folder.appending(path: "migrations/1.sql"))
        try shop.folder(of: "migrations/later/1.sql", "CREATE TABLE tags (name TEXT);")
      case .damaged:
        let file = try FileHandle(forUpdating: shop.database)
        try file.seek(toOffset: 4096 * 3)
        try file.write(contentsOf: [UInt8](repeating: 0x5a, count: 600))
        try file.close()
      case .noFolder: try FileManager.default.removeItem(at: shop.folder.appending(path: "migrations"))
      case .wrongFile: try shop.migration("2.sql", "BEGIN;\nDELETE FROM orders;\nCOMMIT;")
      case .changedFile:
        _ = try shop.belay("migrate", "--yes")
        try shop.migration("1.sql", "CREATE TABLE labels (name TEXT);")
      case .wrongDirective: try shop.migration("2.sql", "-- belay: speed high\nDELETE FROM orders;")
      case .wrongConfiguration: try configure("colour: red\n")
      case .unknownTarget: try shop.write("targets: { one: sqlite:shop.db, two: sqlite:shop.db }\n", to: "belay.yaml")
      case .unsetVariable: try shop.write("targets: { shop: 'sqlite:${NO_SUCH_VARIABLE}' }\n", to: "belay.yaml")
      case .noDriver: try shop.write("targets: { shop: nosuch:shop.db }\n", to: "belay.yaml")
      case .noDatabase: try shop.write("targets: { shop: sqlite:no-such.db }\n", to: "belay.yaml")
      case .noSuchFormat:
        try shop.write(String(repeating: "no database\n", count: 100), to: "notes.db")
        try shop.write("targets: { shop: sqlite:notes.db }\n", to: "belay.yaml")
      case .readOnlyDatabase:
        try shop.write(
          "targets: { shop: { url: 'sqlite:shop.db', options: { read_only: '1' } } }\n", to: "belay.yaml")
      case .openStore:
        try FileManager.default.createDirectory(
          at: shop.store, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o777])
        try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: shop.store.path)
      case .lateFile:
        _ = try shop.belay("migrate", "--yes")
        try shop.migration("0.sql", "CREATE TABLE labels (name TEXT);")
      case .otherTool:
        try shop.folder(of: "migrations/20260101_init/migration.sql", "CREATE TABLE labels (name TEXT);")
        try shop.write("provider = \"sqlite\"\n", to: "migrations/migration_lock.toml")
      }
    }
  }

  @Test("what would refuse a migration refuses doctor, with the same words and status", arguments: Broken.allCases)
  func same(broken: Broken) throws {
    let shop = try Workspace()
    try broken.happen(to: shop)
    let before = try Data(contentsOf: shop.database)
    let doctor = try shop.belay("doctor", "shop")
    let migrate = try shop.belay("migrate", "shop", "--yes")
    #expect(doctor.status == migrate.status && ![0, 3].contains(doctor.status), "\(doctor)\n\(migrate)")
    for run in [doctor, migrate] { #expect((run.errors + run.output).contains(broken.said), "\(run)") }
    #expect(!(doctor.output + doctor.errors).contains("can be migrated"), "\(doctor)")
    #expect(
      doctor.output.split(separator: "\n").contains { $0.hasPrefix("failed   \(broken.item): ") }, "\(doctor)")
    #expect(try Data(contentsOf: shop.database) == before)
  }

  @Test("a run at work is told by both")
  func atWork() throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    try shop.belay("backup", shop.url)
    let locks = shop.store.appending(path: "locks")
    let name = try #require(FileManager.default.contentsOfDirectory(atPath: locks.path).first)
    let holder = Process()
    holder.executableURL = URL(filePath: "/usr/bin/env")
    holder.arguments = [
      "flock", "--no-fork", locks.appending(path: name).path, "sh", "-c",
      "echo >'\(shop.folder.path)/held'; exec sleep 600",
    ]
    try holder.run()
    defer { holder.end() }
    try eventually(thereIs: shop.folder.appending(path: "held"))
    for command in ["doctor", "migrate"] {
      let run = try shop.belay([command, shop.url, "--yes"])
      #expect(run.status == 11 && run.errors.contains("another belay run is using"), "\(run)")
    }
  }

  @Test("what is well is listed too, in text and as JSON, and how long an earlier backup took")
  func listed() throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    try #require(try shop.belay("backup", shop.url).status == 0)
    let run = try shop.belay("doctor", shop.url)
    #expect(run.status == 0 && run.output.hasSuffix("sqlite:shop.db can be migrated safely\n"), "\(run)")
    for item in [
      "configuration", "store", "driver", "connection", "run at work", "unfinished runs", "rights", "room", "time",
      "integrity", "sessions", "migrations folder", "migrations", "scratch copy", "checks", "backups",
    ] { #expect(run.output.contains("ok       \(item): "), "\(item): \(run)") }
    #expect(run.output.contains("for the backup, less than 1 s to restore and compare it"), "\(run)")
    let json = try shop.belay("doctor", shop.url, "--json")
    #expect(json.output.contains(#""event":"diagnosis""#) && json.output.contains(#""item":"run at work""#), "\(json)")
  }

  @Test("where the database cannot be opened, the rest is looked at all the same, and what was not is named")
  func unopened() throws {
    let shop = try Workspace()
    let run = try shop.belay("doctor", "sqlite:no-such.db")
    #expect(run.status == 22, "\(run)")
    for line in ["ok       store: ", "ok       migrations folder: ", "unknown  rights: not looked at"] {
      #expect(run.output.contains(line), "\(run)")
    }
    #expect(!FileManager.default.fileExists(atPath: shop.folder.appending(path: "no-such.db").path))
  }

  @Test("doctor makes nothing, not even the store's folder, and says what is pending")
  func makesNothing() throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    let before = try FileManager.default.subpathsOfDirectory(atPath: shop.folder.path).sorted()
    let run = try shop.belay("doctor", shop.url)
    #expect(run.status == 0 && run.output.contains("migrations: 1 migration to apply"), "\(run)")
    #expect(try FileManager.default.subpathsOfDirectory(atPath: shop.folder.path).sorted() == before)
    // A folder without a migration yet: nothing is wrong, for neither of them.
    try FileManager.default.removeItem(at: shop.folder.appending(path: "migrations/1.sql"))
    for command in ["doctor", "migrate"] {
      let run = try shop.belay(command, shop.url)
      #expect(run.status == 0 && (run.output + run.errors).contains("nothing to apply"), "\(run)")
    }
  }
}

import BelayDriverKit
import CSQLite
import Glibc
import SQLiteDialect

/// One D1 database. There is no session on the server: calls are independent.
final class D1Connection: DriverConnection {
  let engine: any Engine
  let name: String
  let settings: Settings
  let watch: Watch
  /// The instant that `query` and `catalog` read instead of the current state.
  var view: LocalCopy?
  /// The schema as it was a moment ago.
  private var knownSchema: (schema: Database, at: Int)?
  /// Locks that this connection holds, by name, and when they were last renewed.
  var locks: [String: Int] = [:]
  /// The receipts of this connection's writes.
  let writer: String
  var writes = 0

  private init(_ engine: any Engine, _ name: String, _ settings: Settings, _ watch: Watch) {
    self.engine = engine
    self.name = name
    self.settings = settings
    self.watch = watch
    writer = randomName()
  }

  static func open(
    account: String, database: String, _ settings: Settings, _ operation: Operation
  ) throws(DriverFailure) -> D1Connection {
    // D1 has no locks to wait for, and nobody else uses a local copy.
    let watch = Watch(busyTimeoutMilliseconds: 1000)
    watch.begin(operation)
    defer { watch.end() }
    try watch.check()
    if let file = StandInFile(of: database, in: settings.scratchDirectory), file.exists {
      return D1Connection(try StandIn(file, watch: watch), database, settings, watch)
    }
    let api = try API(account: account, settings: settings.wire, watch: watch)
    let directory = Directory(api: api)
    func connected(_ card: DatabaseCard) -> D1Connection {
      D1Connection(RemoteDatabase(card, api), card.name, settings, watch)
    }
    if let card = try directory.find(database) {
      let connection = connected(card)
      if settings.creates, try !RemoteSchema.read(connection).entries.isEmpty {
        throw DriverFailure(
          .constraint, "the database \(database) exists and is not empty",
          hint: "name a database that does not exist yet, or delete this one if it is not needed")
      }
      return connection
    }
    guard settings.creates else {
      throw DriverFailure(
        .notFound, "there is no database \(database) in the account \(account)",
        hint: "list them with: wrangler d1 list")
    }
    guard !isUUID(database) else {
      throw DriverFailure(.notFound, "there is no database \(database); D1 itself chooses the ids of new databases")
    }
    return connected(try directory.create(database))
  }

  /// The database, if this connection leads to D1 itself.
  /// - Parameter what: a feature that only D1 has.
  func remote(_ what: String) throws(DriverFailure) -> RemoteDatabase {
    if let remote = engine as? RemoteDatabase { return remote }
    throw DriverFailure(.unsupported, "\(name) is a copy on this machine, without \(what)")
  }

  /// Runs the body of one call. Everything that waits meanwhile asks the call's operation whether to go on.
  func during<R: ~Copyable>(
    _ operation: Operation, _ body: () throws(DriverFailure) -> R
  ) throws(DriverFailure) -> R {
    watch.begin(operation)
    defer { watch.end() }
    try watch.check()
    return try body()
  }

  func interrupt() { watch.interrupt() }

  func close() {
    dropLocks()
    view?.close()
    view = nil
    knownSchema?.schema.close()
    knownSchema = nil
  }

  func traits() throws(DriverFailure) -> Traits {
    var traits = Traits()
    traits.isReadOnly = settings.isReadOnly
    traits.cannotPromote = true
    try engine.describe(&traits)
    traits.loadBegin = "PRAGMA foreign_keys=OFF;"
    traits.maxSQLBytes = Limits.statementBytes
    traits.maxParameters = Limits.parameters
    traits.convention = "wrangler-d1"
    traits.restoreSteps = [
      settings.prefersExport
        ? "zstd -d full_backup.native.sql.zst    # D1's own export; it rounds integers beyond 2^53"
        : "zstd -d full_backup.db.zst -o full_backup.db    # every row, as a SQLite file",
      "",
      "zstd -dc full_backup.sql.zst > full_backup.sql",
      "npx wrangler d1 execute DATABASE --remote --file full_backup.sql    # into an empty database",
    ]
    return traits
  }

  // MARK: Calls

  /// Sends statements in one call, which is one implicit transaction, and returns the rows of each.
  func raw(_ statements: [String], _ kind: API.Kind, shielded: Bool = false) throws(CallFailure) -> [[[JSONCell]]] {
    try answers(statements, kind, shielded: shielded).map { $0.rows?.rows ?? [] }
  }

  /// Sends statements in one call, which is one implicit transaction.
  func answers(
    _ statements: [String], _ kind: API.Kind, shielded: Bool = false
  ) throws(CallFailure) -> [StatementAnswer] {
    try engine.answers(statements, kind, shielded: shielded)
  }

  /// The rows of one of the driver's own queries.
  func ask(_ sql: String) throws(DriverFailure) -> [[JSONCell]] {
    do throws(CallFailure) {
      return try raw([sql], .repeatable).first ?? []
    } catch {
      throw error.failure
    }
  }

  /// Runs a script of any length, which may be more than one transaction.
  func runFile(opening: [String] = [], _ content: FileContent) throws(DriverFailure) {
    try refuseReadOnly()
    try renewLocksInTime()
    forgetSchema()
    try engine.runFile(for: self, opening: opening, content)
  }

  // MARK: The schema

  /// An empty local database with the schema, as it is now or was a moment ago.
  func schema(fresh: Bool = true) throws(DriverFailure) -> Database {
    let now = monotonicMilliseconds()
    if !fresh, let knownSchema, now - knownSchema.at < 2000 { return knownSchema.schema }
    let remote = try RemoteSchema.read(self)
    let local = try Database(
      ":memory:", shownAs: "the schema", flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_MEMORY,
      watch: watch)
    try remote.makeTables(in: local)
    try remote.makeRest(in: local)
    knownSchema = (local, now)
    return local
  }

  /// Forgets the schema, which may have changed.
  func forgetSchema() { knownSchema = nil }
}

/// D1's limits.
enum Limits {
  static let statementBytes = 100_000
  /// Of a table, of a result, and of the values of an INSERT.
  static let columns = 100
  static let parameters = 100
  static let functionArguments = 32
  /// Of LIKE and GLOB.
  static let patternBytes = 50
  /// Of UNION and the like; this and the next are those of workerd, on which D1 runs.
  static let compoundSelects = 5
  static let expressionDepth = 100
  /// A row's, a string's or a blob's bytes.
  static let valueBytes = 2_000_000
  /// More than this in one call goes by an import.
  static let callBytes = 1_000_000
  static let importBytes: Int64 = 5_000_000_000
  static let databaseBytes: UInt64 = 10_000_000_000
}

/// Sixteen random bytes in hex.
func randomName() -> String {
  var generator = SystemRandomNumberGenerator()
  return Hex.text((0..<16).map { _ in UInt8.random(in: .min ... .max, using: &generator) })
}

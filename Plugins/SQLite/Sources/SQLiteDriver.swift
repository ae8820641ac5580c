import BelayDriverKit
import CSQLite
import SQLiteDialect

/// SQLite 3, by its own library.
enum SQLiteDriver: Driver {
  static let id = "sqlite"
  static let version = "1.0.0"
  static let schemes = ["sqlite", "file"]

  static func open(
    _ url: String, options: inout Options, operation: Operation
  ) throws(DriverFailure) -> SQLiteConnection {
    let settings = try Settings(&options)
    let file = try DatabaseFile(url: url, mayBeNew: settings.creates)
    return try SQLiteConnection(file, settings, operation)
  }
}

/// The options with which a database is opened.
struct Settings {
  /// Create the file if it does not exist; fail if it exists and is not empty.
  var creates: Bool
  var isReadOnly: Bool
  /// A folder for copies and scratch databases; nil: the system's temporary folder for copies, the database's own
  /// folder for scratch databases.
  var scratchDirectory: String?
  var enforcesForeignKeys: Bool
  /// How long a statement waits for other connections' locks.
  var busyTimeoutMilliseconds: Int

  init(_ options: inout Options) throws(DriverFailure) {
    creates = try options.takeFlag("create", default: false)
    isReadOnly = try options.takeFlag("read_only", default: false)
    scratchDirectory = options.take("scratch_dir").flatMap { $0.isEmpty ? nil : $0 }
    enforcesForeignKeys = try options.takeFlag("foreign_keys", default: true)
    busyTimeoutMilliseconds = try options.takeCount("busy_timeout_ms", default: 5000)
    try options.finish()
    if creates && isReadOnly { throw DriverFailure(.invalid, "a new database cannot be opened read-only") }
  }
}

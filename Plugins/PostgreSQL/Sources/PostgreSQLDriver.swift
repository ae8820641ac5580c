import BelayDriverKit

/// PostgreSQL 13 and newer, through libpq.
enum PostgreSQLDriver: Driver {
  static let id = "postgresql"
  static let version = "1.0.0"
  static let schemes = ["postgres", "postgresql"]

  static func open(
    _ url: String, options: inout Options, operation: Operation
  ) throws(DriverFailure) -> PostgreSQLConnection {
    let settings = try Settings(&options)
    return try PostgreSQLConnection(try ConnectionParameters(url: url), settings, operation)
  }
}

/// The options with which a database is opened.
struct Settings {
  /// Create the database if it does not exist; fail if it exists and is not empty.
  var creates: Bool
  var isReadOnly: Bool
  /// A folder for temporary files; nil: the system's default.
  var scratchDirectory: String?
  /// How long one attempt at a statement waits for locks. Short, because later sessions queue behind it.
  var lockTimeoutMilliseconds: Int
  /// The folder of pg_dump, pg_restore and psql; nil: PATH, then the folders in which distributions install them.
  var toolsDirectory: String?
  /// The database to connect to for creating, renaming and dropping others; nil: postgres, then template1.
  var maintenanceDatabase: String?

  init(_ options: inout Options) throws(DriverFailure) {
    creates = try options.takeFlag("create", default: false)
    isReadOnly = try options.takeFlag("read_only", default: false)
    scratchDirectory = options.take("scratch_dir").flatMap { $0.isEmpty ? nil : $0 }
    lockTimeoutMilliseconds = try options.takeCount("lock_timeout_ms", default: 2000)
    toolsDirectory = options.take("tools_dir").flatMap { $0.isEmpty ? nil : $0 }
    maintenanceDatabase = options.take("maintenance_db").flatMap { $0.isEmpty ? nil : $0 }
    try options.finish()
    if creates && isReadOnly { throw DriverFailure(.invalid, "a new database cannot be opened read-only") }
  }
}

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

/// What a database is opened with.
struct Settings {
  /// Make the database where it does not exist, and fail where it exists and is not empty.
  var creates: Bool
  var isReadOnly: Bool
  /// A folder for temporary files; nil: the system's.
  var scratchDirectory: String?
  /// How long one attempt at a statement waits for others' locks. Short: whoever comes later waits behind it.
  var lockTimeoutMilliseconds: Int
  /// Where pg_dump, pg_restore and psql lie; nil: PATH, then the folders that distributions have for them.
  var toolsDirectory: String?
  /// The database from which others are made, renamed and dropped; nil: postgres, else template1.
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

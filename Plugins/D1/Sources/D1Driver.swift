import BelayDriverKit
import SQLiteDialect

/// Cloudflare D1, over its REST API.
enum D1Driver: Driver {
  static let id = "d1"
  static let version = "1.0.0"
  static let schemes = ["d1", "d1-local"]

  static func open(
    _ url: String, options: inout Options, operation: Operation
  ) throws(DriverFailure) -> D1Connection {
    switch try Target(url: url) {
    case .local(let local):
      throw DriverFailure(
        .unsupported, "a local database of wrangler is a SQLite file: the sqlite driver opens it",
        hint: "write \(try local.url) instead")
    case .remote(let account, let database):
      return try D1Connection.open(account: account, database: database, try Settings(&options), operation)
    }
  }

  static func redirect(_ url: String, operation: Operation) throws(DriverFailure) -> String? {
    guard case .local(let local) = try Target(url: url) else { return nil }
    return try local.url
  }
}

/// The options with which a database is opened.
struct Settings {
  /// Create the database if it does not exist; fail if it exists and is not empty.
  var creates: Bool
  var isReadOnly: Bool
  /// A folder for copies; nil: the system's default.
  var scratchDirectory: String?
  var scratchPlace: ScratchPlace
  /// D1's own export comes first among the formats.
  var prefersExport: Bool
  /// How often all rows are read again because somebody wrote meanwhile.
  var copyAttempts: Int
  var wire: WireSettings

  init(_ options: inout Options) throws(DriverFailure) {
    creates = try options.takeFlag("create", default: false)
    isReadOnly = try options.takeFlag("read_only", default: false)
    scratchDirectory = options.take("scratch_dir").flatMap { $0.isEmpty ? nil : $0 }
    let place = options.take("scratch") ?? "auto"
    guard let scratchPlace = ScratchPlace(rawValue: place) else {
      throw DriverFailure(.invalid, "option scratch must be auto, account or local, not \(place)")
    }
    self.scratchPlace = scratchPlace
    let native = options.take("native") ?? "copy"
    guard ["copy", "export"].contains(native) else {
      throw DriverFailure(.invalid, "option native must be copy or export, not \(native)")
    }
    prefersExport = native == "export"
    copyAttempts = max(try options.takeCount("copy_attempts", default: 5), 1)
    wire = try WireSettings(&options)
    try options.finish()
    if creates && isReadOnly { throw DriverFailure(.invalid, "a new database cannot be opened read-only") }
  }
}

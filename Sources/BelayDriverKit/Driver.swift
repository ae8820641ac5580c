import BelayABI

/// One kind of database. Write a type that conforms, and export it with one line:
///
///     @c(belay_driver_v1)
///     public func entry(_ host: UnsafePointer<belay_host>?) -> UnsafePointer<belay_driver>? {
///       DriverExport.export(MyDriver.self, host)
///     }
///
/// A connection type that conforms to one of the extension protocols (`ScriptSplitting`, `Snapshotting` …) has that
/// extension exported; nothing else is to be registered.
public protocol Driver {
  /// What `open` gives.
  associatedtype Connection: DriverConnection
  /// The NAME of `belay-driver-NAME.so`.
  static var id: String { get }
  /// The driver's own version, e.g. "1.0.0".
  static var version: String { get }
  /// The URL schemes that it answers to, without the colon.
  static var schemes: [String] { get }
  /// Opens one database. Any thread, several at once. Unknown options: `options.finish()` refuses them.
  static func open(_ url: String, options: inout Options, operation: Operation) throws(DriverFailure) -> Connection
  /// Asked before `open`. Opens nothing. Any thread.
  /// - Returns: another driver's URL where this one stands for a database that the other speaks to; nil: it is to be opened
  ///   here.
  static func redirect(_ url: String, operation: Operation) throws(DriverFailure) -> String?
}

extension Driver {
  /// Every URL is to be opened here.
  public static func redirect(_ url: String, operation: Operation) throws(DriverFailure) -> String? { nil }
}

/// One open database. The host serialises calls per connection, but makes them from any OS thread.
public protocol DriverConnection: AnyObject {
  /// What this connection can do, measured now.
  func traits() throws(DriverFailure) -> Traits
  /// Runs any number of statements in order, stopping at the first that fails. Results are thrown away.
  /// - Returns: rows changed by the last statement; nil where unknown.
  func execute(_ sql: String, operation: Operation) throws(DriverFailure) -> Int64?
  /// Runs one statement once per row of parameters.
  /// - Returns: rows changed, all together; nil where unknown.
  func execute(_ sql: String, rows: Parameters, operation: Operation) throws(DriverFailure) -> Int64?
  /// Runs one statement that returns rows. Calls `rows.columns` once, before any row, also where there are no rows.
  func query(_ sql: String, parameters: Parameters?, operation: Operation, into rows: RowWriter) throws(DriverFailure)
  /// Every object of the database, in the order that recreates them: `SchemaObject` tells it.
  func catalog(operation: Operation, into objects: ObjectWriter) throws(DriverFailure)
  /// Makes a call that runs on this connection fail soon with `.cancelled`. Any thread, also during another call;
  /// harmless when nothing runs.
  func interrupt()
  /// Whether an extension works on this connection, now. Throws `.unsupported` or `.denied` with the reason.
  func probe(_ feature: DriverExtension, operation: Operation) throws(DriverFailure)
  /// Ends the connection; an open transaction is rolled back. Called once, last.
  func close()
}

extension DriverConnection {
  /// What the connection type conforms to, works.
  public func probe(_ feature: DriverExtension, operation: Operation) throws(DriverFailure) {}
}

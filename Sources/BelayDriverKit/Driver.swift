import BelayABI

/// One kind of database. Write a type that conforms to this protocol, and export it with one line:
///
///     @c(belay_driver_v1)
///     public func entry(_ host: UnsafePointer<belay_host>?) -> UnsafePointer<belay_driver>? {
///       DriverExport.export(MyDriver.self, host)
///     }
///
/// If the connection type conforms to one of the extension protocols (`ScriptSplitting`, `Snapshotting` …), that
/// extension is exported; nothing needs to be registered.
public protocol Driver {
  /// The type that `open` returns.
  associatedtype Connection: DriverConnection
  /// The NAME of `belay-driver-NAME.so`.
  static var id: String { get }
  /// The driver's own version, e.g. "1.0.0".
  static var version: String { get }
  /// The URL schemes that it supports, without the colon.
  static var schemes: [String] { get }
  /// Opens one database. Called on any thread, several calls at once. `options.finish()` refuses unknown options.
  static func open(_ url: String, options: inout Options, operation: Operation) throws(DriverFailure) -> Connection
  /// Called before `open`. Opens nothing. Any thread.
  /// - Returns: the URL of another driver, if this URL stands for a database of that driver; nil: this driver opens it.
  static func redirect(_ url: String, operation: Operation) throws(DriverFailure) -> String?
}

extension Driver {
  /// This driver opens every URL itself.
  public static func redirect(_ url: String, operation: Operation) throws(DriverFailure) -> String? { nil }
}

/// One open database. The host makes one call at a time on a connection, but may make each from a different OS thread.
public protocol DriverConnection: AnyObject {
  /// What this connection can do at this moment.
  func traits() throws(DriverFailure) -> Traits
  /// Runs any number of statements in order, up to the first that fails. Results are discarded.
  /// - Returns: rows changed by the last statement; nil if unknown.
  func execute(_ sql: String, operation: Operation) throws(DriverFailure) -> Int64?
  /// Runs one statement once per row of parameters.
  /// - Returns: the total number of rows changed; nil if unknown.
  func execute(_ sql: String, rows: Parameters, operation: Operation) throws(DriverFailure) -> Int64?
  /// Runs one statement that returns rows. Calls `rows.columns` once, before any row, even if there are no rows.
  func query(_ sql: String, parameters: Parameters?, operation: Operation, into rows: RowWriter) throws(DriverFailure)
  /// Lists every object of the database, in the order that recreates them: see `SchemaObject`.
  func catalog(operation: Operation, into objects: ObjectWriter) throws(DriverFailure)
  /// Makes a running call on this connection fail soon with `.cancelled`. Called on any thread, even during another
  /// call; does nothing if no call is running.
  func interrupt()
  /// Checks whether an extension works on this connection at this moment. Throws `.unsupported` or `.denied` with the
  /// reason if not.
  func probe(_ feature: DriverExtension, operation: Operation) throws(DriverFailure)
  /// Ends the connection; an open transaction is rolled back. Called once, last.
  func close()
}

extension DriverConnection {
  /// Every extension to which the connection type conforms works.
  public func probe(_ feature: DriverExtension, operation: Operation) throws(DriverFailure) {}
}

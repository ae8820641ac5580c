import BelayDriverKit

/// Runs a connection's statements: a database of D1, or a stand-in: a file on this machine.
protocol Engine: AnyObject {
  /// For the names of temporary files: letters, digits and -.
  var key: String { get }

  /// Sets the traits that are specific to this engine.
  func describe(_ traits: inout Traits) throws(DriverFailure)

  /// Runs statements in one implicit transaction.
  /// - Returns: the result of each.
  func answers(
    _ statements: [String], _ kind: API.Kind, shielded: Bool
  ) throws(CallFailure) -> [StatementAnswer]

  /// The bookmark of the current state: it changes with every write.
  func bookmark() throws(CallFailure) -> String

  /// Runs a script of any length for a connection.
  /// - Parameter opening: pragmas that have an effect only at the top of a file.
  func runFile(
    for connection: D1Connection, opening: [String], _ content: FileContent
  ) throws(DriverFailure)
}

/// Receives one statement, with or without its semicolon.
typealias StatementSink = (String) throws(DriverFailure) -> Void

/// Writes the statements of a file.
typealias FileContent = (_ write: StatementSink) throws(DriverFailure) -> Void

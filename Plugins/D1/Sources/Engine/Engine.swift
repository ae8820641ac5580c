import BelayDriverKit

/// What runs a connection's statements: a database of D1's, or a file of this machine that stands in for one.
protocol Engine: AnyObject {
  /// For the names of temporary files: letters, digits and -.
  var key: String { get }

  /// Fills in what is true of this engine alone.
  func describe(_ traits: inout Traits) throws(DriverFailure)

  /// Runs statements in one implicit transaction.
  /// - Returns: what each gave.
  func answers(
    _ statements: [String], _ kind: API.Kind, shielded: Bool
  ) throws(CallFailure) -> [StatementAnswer]

  /// Of the present: it moves with every write.
  func bookmark() throws(CallFailure) -> String

  /// Runs a script of any length for a connection.
  /// - Parameter opening: pragmas that have their effect only at the top of a file.
  func runFile(
    for connection: D1Connection, opening: [String], _ content: FileContent
  ) throws(DriverFailure)
}

/// Takes one statement, without its semicolon or with it.
typealias StatementSink = (String) throws(DriverFailure) -> Void

/// Writes the statements of a file.
typealias FileContent = (_ write: StatementSink) throws(DriverFailure) -> Void

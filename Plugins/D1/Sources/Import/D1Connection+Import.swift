import BelayDriverKit
import SQLiteDialect

extension D1Connection {
  /// Runs statements as a file.
  func importStatements(_ pieces: [D1Script.Piece]) throws(DriverFailure) {
    let opening = pieces.prefix { $0.isPragma }
    try runFile(opening: opening.map(\.sql)) { (write) throws(DriverFailure) in
      for piece in pieces.dropFirst(opening.count) { try write(piece.sql) }
    }
  }
}

extension D1Connection: AtomicRunning {
  /// Sends all statements in one call, which is one implicit transaction, if D1 supports that, otherwise as a file. If
  /// a file fails, the outcome says how much of it took effect.
  func runAtomically(_ statements: [String], operation: Operation) throws(DriverFailure) {
    try during(operation) { () throws(DriverFailure) in
      let script = try D1Script(statements)
      guard !script.pieces.isEmpty else { return }
      forgetSchema()
      switch script.way {
      case .call: _ = try write(script.pieces.map(\.sql))
      case .file: try importStatements(script.pieces)
      }
    }
  }
}

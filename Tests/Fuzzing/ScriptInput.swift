import SQLiteDialect

@testable import BelayDriverPostgreSQL

/// Migrations, as the drivers cut them into statements.
enum ScriptInput {
  static func sqlite(_ input: UnsafeRawBufferPointer) {
    var reader = SQLiteDialect.ScriptReader(input)
    var end = 0
    while let piece = reader.next() {
      hold(piece.start >= end && piece.end >= piece.start && piece.end <= input.count, "statements follow one another")
      hold(piece.line > 0, "lines count from 1")
      _ = (piece.keyword(0), piece.verb, PragmaReading(piece).name)
      end = piece.end
    }
  }

  static func postgresql(_ input: UnsafeRawBufferPointer) {
    var reader = BelayDriverPostgreSQL.ScriptReader(input)
    var end = 0
    while let piece = reader.next() {
      hold(piece.start >= end && piece.end >= piece.start && piece.end <= input.count, "statements follow one another")
      hold(piece.line > 0, "lines count from 1")
      let words = LeadingWords(String(decoding: input[piece.start..<piece.end], as: UTF8.self))
      _ = (words.commits, words.controlsTransaction, words.commitsInSteps)
      end = piece.end
    }
  }
}

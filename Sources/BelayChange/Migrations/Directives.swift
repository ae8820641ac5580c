import BelayBase

/// What a migration file declares about itself, in comments of the form `-- belay: …`. `docs/migrations.md` explains
/// them to users.
package struct Directives: Sendable, Equatable {
  /// Run statement by statement, outside a transaction.
  package var noTransaction = false
  /// Tables that may lose or change rows beyond what the file's statements name.
  package var allowLoss: Set<String> = []
  /// Tables whose rows may change, though not shrink, beyond that.
  package var allowChange: Set<String> = []
  package var expectations: [Expectation] = []
  /// How long a statement of the file waits for locks; nil: as belay.yaml says.
  package var lockTimeoutSeconds: Int?
  /// How long one statement of the file may take, 0 without limit; nil: as belay.yaml says.
  package var statementTimeoutSeconds: Int?

  package init() {}

  /// - Parameters:
  ///   - sql: the file's text. A directive has a line of its own; one that is commented out does not count.
  ///   - file: for messages.
  package init(sql: String, file: String) throws(BelayError) {
    for line in CommentLines(sql) where line.text.hasPrefix("belay:") {
      let text = String(line.text.dropFirst("belay:".count))
      guard read(Words(text)) else {
        throw BelayError(
          .refused, "\(file), line \(line.number): unknown directive `belay:\(text)`",
          hint: "known directives: no-transaction, allow-loss TABLE, allow-change TABLE, expect rows(TABLE) = before, "
            + "lock-timeout 30s, statement-timeout 10min",
          state: "the database is untouched")
      }
    }
  }

  private mutating func read(_ words: Words) -> Bool {
    var words = words
    switch words.next() {
    case "no-transaction":
      noTransaction = true
      return words.isAtEnd
    case "allow-loss":
      guard let table = words.next(), words.isAtEnd else { return false }
      allowLoss.insert(table)
      return true
    case "allow-change":
      guard let table = words.next(), words.isAtEnd else { return false }
      allowChange.insert(table)
      return true
    case "expect":
      guard let expectation = Expectation(&words), words.isAtEnd else { return false }
      expectations.append(expectation)
      return true
    case "lock-timeout":
      guard let text = words.next(), let seconds = DurationText.seconds(text), words.isAtEnd else { return false }
      lockTimeoutSeconds = seconds
      return true
    case "statement-timeout":
      guard let text = words.next(), let seconds = DurationText.seconds(text), words.isAtEnd else { return false }
      statementTimeoutSeconds = seconds
      return true
    default:
      return false
    }
  }
}

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
  ///   - sql: the file's text. A directive stands on a line of its own.
  ///   - file: for messages.
  package init(sql: String, file: String) throws(BelayError) {
    var number = 0
    for line in sql.split(separator: "\n", omittingEmptySubsequences: false) {
      number += 1
      let trimmed = line.drop(while: \.isWhitespace)
      guard trimmed.hasPrefix("--") else { continue }
      let comment = trimmed.dropFirst(2).drop(while: \.isWhitespace)
      guard comment.hasPrefix("belay:") else { continue }
      let text = String(comment.dropFirst("belay:".count))
      guard read(Words(text)) else {
        throw BelayError(
          .refused, "\(file), line \(number): unknown directive `belay:\(text)`",
          hint: "there are: no-transaction, allow-loss TABLE, allow-change TABLE, expect rows(TABLE) = before, "
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

/// `expect rows(TABLE) = before`, `>= before - 3`, `= 0` …
package struct Expectation: Sendable, Equatable {
  package enum Comparison: String, Sendable, CaseIterable {
    case equal = "="
    case notEqual = "!="
    case less = "<"
    case lessOrEqual = "<="
    case greater = ">"
    case greaterOrEqual = ">="
  }
  package let table: String
  package let comparison: Comparison
  /// Counted from the rows before the migration, rather than from zero.
  package let fromBefore: Bool
  package let offset: Int

  init?(_ words: inout Words) {
    guard words.next() == "rows", words.next() == "(", let table = words.next(), words.next() == ")",
      let sign = words.next(), let comparison = Comparison(rawValue: sign), let first = words.next()
    else { return nil }
    self.table = table
    self.comparison = comparison
    if let number = Int(first) {
      (fromBefore, offset) = (false, number)
      return
    }
    guard first == "before" else { return nil }
    fromBefore = true
    if words.isAtEnd {
      offset = 0
      return
    }
    guard let operation = words.next(), let text = words.next(), let number = Int(text) else { return nil }
    switch operation {
    case "+": offset = number
    case "-": offset = -number
    default: return nil
    }
  }

  package var description: String {
    var text = "rows(\(table)) \(comparison.rawValue) \(fromBefore ? "before" : "\(offset)")"
    if fromBefore, offset != 0 { text += offset > 0 ? " + \(offset)" : " - \(-offset)" }
    return text
  }

  package func holds(before: UInt64, after: UInt64) -> Bool {
    let wanted = (fromBefore ? Int(before) : 0) + offset
    let now = Int(after)
    return switch comparison {
    case .equal: now == wanted
    case .notEqual: now != wanted
    case .less: now < wanted
    case .lessOrEqual: now <= wanted
    case .greater: now > wanted
    case .greaterOrEqual: now >= wanted
    }
  }
}

/// The words of a directive: names (bare, or in double quotes doubled inside), numbers, and signs.
package struct Words {
  private var rest: Substring

  init(_ text: String) { rest = text[...].drop(while: \.isWhitespace) }

  var isAtEnd: Bool { rest.isEmpty }

  package mutating func next() -> String? {
    guard let first = rest.first else { return nil }
    var word = ""
    if first == "\"" {
      rest.removeFirst()
      while let character = rest.popFirst() {
        if character == "\"" {
          guard rest.first == "\"" else { break }
          rest.removeFirst()
        }
        word.append(character)
      }
    } else if "()+".contains(first) {
      word.append(rest.removeFirst())
    } else if "=<>!".contains(first) {
      while let sign = rest.first, "=<>!".contains(sign) { word.append(rest.removeFirst()) }
    } else {
      while let character = rest.first, !character.isWhitespace, !"()+=<>!".contains(character) {
        word.append(rest.removeFirst())
      }
    }
    rest = rest.drop(while: \.isWhitespace)
    return word
  }
}

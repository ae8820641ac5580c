import BelayBase
import BelayDrivers

/// The host's own rules about a file, true for every dialect.
struct MigrationRules {
  let file: PlannedFile
  let traits: Traits

  func findings() -> [Finding] {
    var found: [Finding] = []
    for statement in file.statements {
      if statement.flags.contains(.client) {
        found.append(
          error(
            "client-command", statement,
            "`\(statement.headline)` is " + (statement.note ?? "a command of the engine's shell, not SQL"),
            hint: "remove it from the file"))
      }
      if statement.flags.contains(.opensTransaction) || statement.flags.contains(.endsTransaction) {
        found.append(
          error(
            "own-transaction", statement, "`\(statement.headline)` controls the transaction itself",
            hint: "remove it: belay runs the file in one transaction, or in none with `-- belay: no-transaction`"))
      }
      if statement.flags.contains(.refusesTransaction), file.transactional {
        found.append(
          error(
            "needs-no-transaction", statement, "`\(statement.headline)` cannot run inside a transaction",
            hint: "put it in a file of its own with `-- belay: no-transaction` in its first lines"))
      }
      if statement.flags.contains(.onlyBeforeTransaction), file.transactional {
        found.append(
          Finding(
            .warning, source: "lint", rule: "no-effect", subject: place(statement),
            message: "`\(statement.headline)` has no effect inside a transaction",
            hint: "put it before every other statement of the file: belay then runs it outside the transaction"))
      }
      if statement.flags.contains(.wrongSyntax) {
        found.append(
          error(
            "syntax", statement, "`\(statement.headline)` cannot run: \(statement.note ?? "its syntax is wrong")",
            hint: "correct the statement"))
      } else if statement.flags.contains(.unread), let note = statement.note {
        found.append(
          Finding(
            .warning, source: "lint", rule: "unread", subject: place(statement),
            message: "could not be analysed in advance: \(note)"))
      }
    }
    if file.statements.isEmpty {
      found.append(
        Finding(
          .warning, source: "lint", rule: "empty", subject: file.file.name, message: "contains no statement"))
    }
    return found
  }

  private func error(_ rule: String, _ statement: Statement, _ message: String, hint: String) -> Finding {
    Finding(.error, source: "lint", rule: rule, subject: place(statement), message: message, hint: hint)
  }

  private func place(_ statement: Statement) -> String { "\(file.file.name), line \(statement.line)" }
}

extension Statement {
  var firstLine: String { sql.split(whereSeparator: \.isNewline).first.map(String.init) ?? sql }

  /// Short enough to stand within a message.
  fileprivate var headline: String {
    let line = firstLine
    return line.count > 60 ? line.prefix(57) + "…" : line
  }
}

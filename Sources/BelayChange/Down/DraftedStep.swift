import BelayBase

/// A step of a drafted way down: statements that have been tried, or what no statement does, or both.
struct DraftedStep: Equatable {
  /// What a person must know of it, line by line.
  var notes: [String] = []
  /// Each ends with a semicolon.
  var statements: [String] = []

  /// - Parameter bracketed: puts the marks around a statement that the folder's tool wants there.
  func text(bracketed: (String) -> String) -> String {
    (notes.map { "-- \($0)" } + statements.map(bracketed)).joined(separator: "\n")
  }
}

/// The way down of a migration, as far as its statements can be told from the schema before and after it.
struct DraftedWayDown {
  /// The file that makes the change.
  let migration: String
  var steps: [DraftedStep] = []
  /// What differs from the schema before, once the statements have run: a line each. Empty: nothing.
  var differences: [String] = []
  /// What no statement brings back: a line each.
  var losses: [String] = []

  var statements: Int { steps.reduce(0) { $0 + $1.statements.count } }
  /// Up and down again leaves everything as it was, as far as that can be told without rows.
  var isComplete: Bool { differences.isEmpty && losses.isEmpty }

  func text(bracketed: (String) -> String) -> String {
    var parts = [
      "-- The way down of \(migration), drafted by belay from the schema before and after it.\n"
        + "-- Read it, and correct it, before you rely on it."
    ]
    parts += steps.map { $0.text(bracketed: bracketed) }
    if !differences.isEmpty {
      parts.append(
        (["-- With these statements the schema is not yet as before:"] + differences.map { "--   \($0)" })
          .joined(separator: "\n"))
    }
    return parts.joined(separator: "\n\n") + "\n"
  }
}

import BelayArchive
import BelayBase

/// A part of a change, as it was carried out.
package struct PartRecord: Codable, Sendable, Equatable {
  package var name: String
  /// What it says: a file's SQL; nil: it has no text of its own.
  package var text: String?
  /// nil: not known.
  package var statements: Int?

  package init(name: String, text: String?, statements: Int?) {
    self.name = name
    self.text = text
    self.statements = statements
  }
}

/// A table that a change has left as it was.
package struct TableCount: Codable, Sendable, Equatable {
  package var table: TableName
  package var rows: UInt64

  package init(table: TableName, rows: UInt64) {
    self.table = table
    self.rows = rows
  }
}

/// The rows of a query of `spot_checks:` before a change and after it.
package struct SpotCheckRecord: Codable, Sendable, Equatable {
  package struct Rows: Codable, Sendable, Equatable {
    package var columns: [String]
    /// The first ones. What is to be masked is masked.
    package var rows: [[String]]
    /// There are more.
    package var isCut: Bool

    package init(columns: [String] = [], rows: [[String]] = [], isCut: Bool = false) {
      self.columns = columns
      self.rows = rows
      self.isCut = isCut
    }
  }

  /// What came of the query at one moment.
  package enum Found: Codable, Sendable, Equatable {
    case rows(Rows)
    case failed(String)
  }

  package var name: String
  package var before: Found
  /// nil: the change did not come that far.
  package var after: Found?

  package init(name: String, before: Found, after: Found? = nil) {
    self.name = name
    self.before = before
    self.after = after
  }
}

extension SpotCheckRecord.Found {
  /// As a table, and what is to be said of it.
  var text: [TextPart] {
    switch self {
    case .failed(let why): [.line("cannot run: \(why)")]
    case .rows(let found) where found.rows.isEmpty: [.line("no rows")]
    case .rows(let found):
      [.table(TextTable(header: found.columns, rows: found.rows))] + (found.isCut ? [.line("and more rows")] : [])
    }
  }
}

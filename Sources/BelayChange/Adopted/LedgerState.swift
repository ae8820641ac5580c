import BelayDatabase
import BelayDrivers

/// A row of a tool's ledger, by the names of the columns.
package struct LedgerRow: Sendable {
  private let values: [String: Value]

  package init(_ columns: [String], _ values: [Value]) {
    self.values = Dictionary(zip(columns, values), uniquingKeysWith: { first, _ in first })
  }

  /// Empty for NULL; the hex digits of a blob.
  package func text(_ column: String) -> String {
    switch values[column] {
    case .blob(let bytes)?: Hex.text(bytes)
    case let value?: value.asText
    case nil: ""
    }
  }

  package func isNull(_ column: String) -> Bool { values[column]?.isNull ?? true }

  /// What the engine says for true: a bool, a number, or a word.
  package func isTrue(_ column: String) -> Bool {
    guard let value = values[column] else { return false }
    if let number = value.integer { return number != 0 }
    return ["t", "true", "yes", "y"].contains(value.asText.lowercased())
  }
}

/// What a tool's ledger says is applied.
package struct LedgerState: Sendable {
  package struct Row: Sendable {
    package var version: String
    package var description = ""
    /// Empty: the ledger has none.
    package var checksum = ""
    /// Empty: the ledger does not say.
    package var appliedAt = ""
    /// Empty: the ledger does not say.
    package var by = ""
    /// Its migration is a SQL file, which must be in the folder.
    package var isFile = true

    package init(
      version: String, description: String = "", checksum: String = "", appliedAt: String = "", by: String = "",
      isFile: Bool = true
    ) {
      self.version = version
      self.description = description
      self.checksum = checksum
      self.appliedAt = appliedAt
      self.by = by
      self.isFile = isFile
    }
  }

  /// In the order in which the rows were written.
  package var applied: [Row] = []
  /// Of what is applied, by `AdoptedTool.key(of:)`.
  package var keys: Set<String> = []
  /// The ledger holds no more than this, the highest version; nil: it holds all.
  package var highest: String?
  /// Up to here the database was made otherwise; nil: from the beginning.
  package var baseline: String?
  /// What runs again when its text has changed: the last row by description.
  package var repeated: [String: Row] = [:]
  /// There is no such table.
  package var isLost = false

  package init() {}
}

/// What a check says of a database.
package enum CheckRule: Codable, Sendable, Equatable {
  /// The query returns no row; or one row, whose first value is the expected one.
  case query(sql: String, expect: String?)
  /// Tables or views that must be there.
  case exists(objects: [String])
  case notNull(table: String, columns: [String])
  /// No two rows have the same values in these columns. NULL is equal to nothing.
  case unique(table: String, columns: [String])
  /// Every value but NULL is matched, as a whole or in part, by a regular expression.
  case matches(table: String, column: String, pattern: String)
  /// Every value but NULL is one of these.
  case among(table: String, column: String, values: [String])
  /// Every row refers to one that is there, or has a NULL.
  case references(CheckReference)
  case rowCount(table: String, least: Int?, most: Int?)
  /// A table has not lost more rows than that since the last backup.
  case shrank(table: String, percent: Double)
  /// The newest moment in a column is not older than that.
  case fresh(table: String, column: String, seconds: Int)
  /// A query takes no longer than that.
  case maxDuration(sql: String, milliseconds: Int)
  case indexExists(table: String, index: IndexedBy)
  case column(CheckedColumn)

  /// Its key in belay.yaml.
  package var template: CheckTemplate {
    switch self {
    case .query: .sql
    case .exists: .exists
    case .notNull: .notNull
    case .unique: .unique
    case .matches: .matches
    case .among: .among
    case .references: .references
    case .rowCount: .rowCount
    case .shrank: .shrank
    case .fresh: .fresh
    case .maxDuration: .maxDuration
    case .indexExists: .indexExists
    case .column: .column
    }
  }

  /// A query that a person has written, which may be wrong SQL.
  package var sql: String? {
    switch self {
    case .query(let sql, _), .maxDuration(let sql, _): sql
    default: nil
    }
  }
}

/// The keys of belay.yaml that say what a check checks.
package enum CheckTemplate: String, Codable, Sendable, CaseIterable {
  case sql, exists
  case notNull = "not_null"
  case unique, matches
  case among = "in"
  case references
  case rowCount = "row_count"
  case shrank, fresh
  case maxDuration = "max_duration"
  case indexExists = "index_exists"
  case column
}

/// Columns of one table that name rows of another.
package struct CheckReference: Codable, Sendable, Equatable {
  package var table: String
  package var columns: [String]
  package var otherTable: String
  /// As many.
  package var otherColumns: [String]

  package init(table: String, columns: [String], otherTable: String, otherColumns: [String]) {
    self.table = table
    self.columns = columns
    self.otherTable = otherTable
    self.otherColumns = otherColumns
  }
}

/// Which index is meant.
package enum IndexedBy: Codable, Sendable, Equatable {
  case name(String)
  /// One that begins with these columns, in their order.
  case columns([String])
}

/// What a column must be like.
package struct CheckedColumn: Codable, Sendable, Equatable {
  package var table: String
  package var name: String
  /// As the engine calls it; nil: any.
  package var type: String?
  /// nil: either.
  package var isNullable: Bool?

  package init(table: String, name: String, type: String? = nil, isNullable: Bool? = nil) {
    self.table = table
    self.name = name
    self.type = type
    self.isNullable = isNullable
  }
}

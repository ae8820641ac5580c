import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers

/// What going back to a backup takes away from a database as it is now.
package struct Losses {
  package let differences: [StateDifference]

  package init(present: DatabaseState, backup: DatabaseState) {
    differences = present.differences(from: backup)
    gone = present.tables.filter { backup.tables[$0.key] == nil }
      .map { ($0.key, $0.value.rows) }.sorted { $0.0.description < $1.0.description }
  }

  private let gone: [(TableName, UInt64)]

  /// Those whose rows are not as in the backup, or that it has not.
  package var tables: Set<TableName> {
    var found = Set(gone.map(\.0))
    for case .rows(let table, _, _) in differences { found.insert(table) }
    return found
  }

  /// Counts are what is certain: a table that has 20 rows more loses at least 20.
  package var lines: [String] {
    var lines: [String] = []
    for (table, rows) in gone { lines.append("table \(table) with \(Counted.rows(rows))") }
    for difference in differences {
      switch difference {
      case .rows(let table, let was, let now) where now.rows > was.rows:
        lines.append("table \(table): at least \(now.rows - was.rows) of \(Counted.rows(now.rows))")
      case .rows(let table, let was, let now) where now.rows < was.rows:
        lines.append("table \(table): changes, and gets back \(Counted.rows(was.rows - now.rows))")
      case .rows(let table, _, let now):
        lines.append("table \(table): changes in some of \(Counted.rows(now.rows))")
      case .objectAdded(let object) where object.kind != "table" && object.kind != "column":
        lines.append("\(object.kind) \(object.label)")
      case .objectMissing(let object) where object.kind != "column":
        lines.append("\(object.kind) \(object.label) comes back")
      case .objectChanged(let object, _) where object.kind != "column":
        lines.append("\(object.kind) \(object.label) gets its previous definition")
      default: break
      }
    }
    return lines.isEmpty ? ["no rows"] : lines
  }
}

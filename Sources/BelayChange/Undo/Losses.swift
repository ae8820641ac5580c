import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers

/// What going back to a backup takes away from a database as it is now.
package struct Losses {
  package let differences: [StateDifference]

  /// - Parameter own: tables of belay's, by name, which are no loss.
  package init(present: DatabaseState, backup: DatabaseState, leavingOut own: Set<String> = []) {
    differences = present.differences(from: backup).filter { difference in
      if case .rows(let table, _, _) = difference {
        return !own.contains(table.name) && (own.isEmpty || !difference.isOfInternal(present.catalog))
      }
      return true
    }
    gone = present.tables.filter { backup.tables[$0.key] == nil && !own.contains($0.key.name) }
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
  package var rowLines: [String] {
    gone.filter { $0.1 > 0 }.map { "table \($0.0) with \(Counted.rows($0.1))" }
      + differences.compactMap(Self.rowLine)
  }

  private static func rowLine(_ difference: StateDifference) -> String? {
    guard case .rows(let table, let was, let now) = difference else { return nil }
    if now.rows > was.rows { return "table \(table): at least \(now.rows - was.rows) of \(Counted.rows(now.rows))" }
    if now.rows < was.rows {
      return
        "table \(table): changes; \(Counted.rows(was.rows - now.rows)) \(was.rows - now.rows == 1 ? "comes" : "come") back"
    }
    return "table \(table): changes in some of \(Counted.rows(now.rows))"
  }

  package var lines: [String] {
    var lines: [String] = []
    for (table, rows) in gone { lines.append("table \(table) with \(Counted.rows(rows))") }
    for difference in differences {
      if let line = Self.rowLine(difference) { lines.append(line) }
      switch difference {
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

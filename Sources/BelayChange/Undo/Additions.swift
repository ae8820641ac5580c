import BelayArchive
import BelayDatabase
import BelayDrivers

/// What a database has beyond a state before, where that is all that differs: objects that hold no rows and can be dropped
/// by name, such as an index that could not be completed.
package struct Additions {
  /// To be dropped, in this order. Empty: nothing was added.
  let objects: [CatalogObject]
  let statements: [String]

  /// nil: something else differs, or something that was added cannot be dropped, or holds rows.
  /// - Parameters:
  ///   - ledger: rows in it that were not there before are the run's own: then more than this took effect.
  ///   - rowsAreOfOthers: the run writes no rows, so that those which differ are not its own, and stay.
  init?(present: DatabaseState, since before: DatabaseState, ledger: String, traits: Traits, rowsAreOfOthers: Bool) {
    var added: [CatalogObject] = []
    for difference in present.differences(from: before) {
      switch difference {
      case _ where difference.isOfLock: break
      case .objectAdded(let object): added.append(object)
      case .rows(let table, _, _) where rowsAreOfOthers && table.name != ledger: break
      default: return nil
      }
    }
    let tables = Set(added.filter { $0.kind == "table" }.map { TableName(schema: $0.schema, name: $0.name) })
    guard tables.allSatisfy({ (present.tables[$0]?.rows ?? 0) == 0 }) else { return nil }
    // What belongs to a table that was added goes with it.
    objects = added.filter { !tables.contains(TableName(schema: $0.schema, name: $0.parent)) || $0.isItsOwnParent }
      .reversed()
    let drops = objects.map { $0.dropStatement(traits) }
    statements = drops.compactMap(\.self)
    guard statements.count == drops.count else { return nil }
  }

  /// "index by_cents, table tags"
  package var names: String { objects.map { "\($0.kind) \($0.label)" }.joined(separator: ", ") }
}

extension CatalogObject {
  fileprivate var isItsOwnParent: Bool { kind == "table" && parent == name }
}

extension MigrationGroup {
  /// Whether its files leave all rows as they are, as far as the driver read them and the rehearsal saw.
  func writesNoRows(rehearsal: Change.Outcome?) -> Bool {
    let statements = opening + files.flatMap(\.statements)
    if statements.allSatisfy(\.onlyMakesObjectsWithoutRows) { return true }
    guard let rehearsal, !statements.contains(where: \.namesRows) else { return false }
    return rehearsal.deltas.allSatisfy { $0.before == nil || $0.after == nil }
  }
}

extension Statement {
  fileprivate static let rowActions: WriteActions = [.insert, .update, .delete]

  /// Says of itself that it writes rows.
  fileprivate var namesRows: Bool { writes.contains { !$0.actions.isDisjoint(with: Self.rowActions) } }

  fileprivate var onlyMakesObjectsWithoutRows: Bool {
    !flags.contains(.unread) && !writes.isEmpty
      && writes.allSatisfy { $0.actions == .create && $0.kind != "table" && $0.kind != "virtual_table" }
  }
}

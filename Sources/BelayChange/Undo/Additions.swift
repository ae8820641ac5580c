import BelayArchive
import BelayDatabase
import BelayDrivers

/// What a database has beyond a state before, where that is all that differs: objects that hold no rows and can be dropped
/// by name, such as an index that could not be completed.
package struct Additions {
  /// To be dropped, in this order. Empty: nothing was added.
  let objects: [SchemaObject]
  let statements: [String]

  /// nil: something else differs, or something that was added cannot be dropped, or holds rows.
  /// - Parameters:
  ///   - receipts: rows in their table that were not there before are the run's own: then more than this took effect.
  ///   - rowsAreOfOthers: the run writes no rows, so that those which differ are not its own, and stay.
  ///   - reach: what it cannot have touched of the schema is not its own either, and stays; nil: it may have touched all.
  init?(
    present: DatabaseState, since before: DatabaseState, receipts: Receipts?, traits: Traits, rowsAreOfOthers: Bool,
    reach: ChangeReach? = nil
  ) {
    var added: [SchemaObject] = []
    for difference in present.differences(from: before) {
      switch difference {
      case _ where difference.isOfLock || reach?.contains(difference) == false: break
      case .objectAdded(let object): added.append(object)
      case .rows(let table, _, _) where rowsAreOfOthers && table.name != receipts?.table: break
      // Where they have gone back, the proof sets them.
      case .rows(_, let was, let now) where was.counters != nil && now.counters != nil: break
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

extension SchemaObject {
  fileprivate var isItsOwnParent: Bool { kind == "table" && parent == name }
}

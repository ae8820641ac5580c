import BelayDatabase
import BelayDrivers

/// What of a schema a change may have touched, as far as its statements say. Others create, drop and alter objects of
/// their own at the same time: what the change cannot have touched is their doing.
package struct ChangeReach: Sendable {
  private let intent: Intent
  private let isFullyRead: Bool
  /// belay's own tables, which every change writes.
  private let ownTables: OwnTables

  /// - Parameter isFullyRead: false: what the change does is not known as a whole, and anything may be its doing.
  package init(intent: Intent, isFullyRead: Bool, ownTables: OwnTables) {
    self.intent = intent
    self.isFullyRead = isFullyRead && !intent.keepsUp
    self.ownTables = ownTables
  }

  package func contains(_ object: SchemaObject) -> Bool {
    !isFullyRead || ownTables.contains(object) || intent.names(partOrWhole: object)
  }

  /// Rows always count as within reach: the footprint and the rehearsal decide whose they are.
  package func contains(_ difference: StateDifference) -> Bool {
    switch difference {
    case .objectMissing(let object), .objectAdded(let object), .objectChanged(let object, _): contains(object)
    case .rows: true
    }
  }
}

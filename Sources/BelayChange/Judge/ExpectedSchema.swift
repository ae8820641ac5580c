import BelayBase
import BelayDatabase
import BelayDrivers

/// Holds the schema after a migration against the one that the rehearsal ended with.
package struct ExpectedSchema {
  package let catalog: Catalog
  /// belay's own tables, and what belongs to them.
  let ownTables: OwnTables

  package func differences(_ actual: Catalog) -> [StateDifference] {
    let wanted = DatabaseState(catalog: kept(catalog), tables: [:])
    return DatabaseState(catalog: kept(actual), tables: [:]).differences(from: wanted)
  }

  private func kept(_ catalog: Catalog) -> Catalog {
    Catalog(
      objects: catalog.objects.filter {
        !$0.flags.contains(.internal) && !$0.isInNoCopy && !ownTables.contains($0)
      })
  }
}

extension Finding {
  /// Of the schema after a migration, and not so after the rehearsal.
  init(notAsRehearsed difference: StateDifference) {
    self.init(
      .error, source: "schema", rule: "not-as-rehearsed", subject: difference.subject, message: difference.remark)
  }
}

extension StateDifference {
  fileprivate var subject: String {
    switch self {
    case .objectMissing(let object), .objectAdded(let object), .objectChanged(let object, _):
      "\(object.kind) \(object.label)"
    case .rows(let table, _, _): "table \(table)"
    }
  }

  fileprivate var remark: String {
    switch self {
    case .objectMissing: "is missing, although it existed after the rehearsal"
    case .objectAdded: "was not created in the rehearsal"
    case .objectChanged: "has a different definition than after the rehearsal"
    case .rows: "has different rows than after the rehearsal"
    }
  }
}

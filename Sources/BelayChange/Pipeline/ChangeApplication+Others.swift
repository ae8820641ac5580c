import BelayBase
import BelayDatabase
import BelayDrivers

/// Objects that others create and drop while the change is applied.
extension ChangeApplication {
  /// Two states without the objects that others have dropped or created between them: what the change does not name, and
  /// the rehearsal, alone on its copy, has neither dropped nor created. Without a rehearsal nothing is left out, for a
  /// cascade drops what no statement names.
  func withoutOthers(
    _ before: DatabaseState, _ after: DatabaseState
  ) -> (before: DatabaseState, after: DatabaseState) {
    let (index, reach) = (outcome.catalogs.count, plan.reach)
    guard let rehearsal, let began = rehearsal.before?.catalog, rehearsal.catalogs.indices.contains(index) else {
      return (before, after)
    }
    let (copied, made) = (began.identities, rehearsal.catalogs[index].identities)
    let (was, now) = (before.catalog.identities, after.catalog.identities)
    return (
      before.leavingOut { object in
        let identity = object.identity
        return !now.contains(identity) && (made.contains(identity) || !copied.contains(identity))
          && !reach.contains(object)
      },
      after.leavingOut { object in
        !was.contains(object.identity) && !made.contains(object.identity) && !reach.contains(object)
      }
    )
  }

}

extension RunContext {
  /// Says what others have done to the database since it was backed up.
  func tellOthers(_ differences: [StateDifference]) {
    for difference in differences {
      let what = difference.isSchema ? "changed" : "written"
      log(.notice, "\(what) by others since the backup: \(difference.description)")
    }
  }
}

extension Catalog {
  fileprivate var identities: Set<ObjectIdentity> { Set(objects.map(\.identity)) }
}

extension DatabaseState {
  fileprivate func leavingOut(_ isOthers: (SchemaObject) -> Bool) -> DatabaseState {
    let others = catalog.objects.filter(isOthers)
    guard !others.isEmpty else { return self }
    let identities = Set(others.map(\.identity))
    var state = self
    state.catalog = Catalog(objects: catalog.objects.filter { !identities.contains($0.identity) })
    for table in catalog.tables where identities.contains(table.object.identity) { state.tables[table.tableName] = nil }
    return state
  }
}

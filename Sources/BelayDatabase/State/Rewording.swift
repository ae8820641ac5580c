import BelayABI
import BelayArchive
import BelayDrivers

/// Tells what another version of the engine, or another engine of its family, words differently from what is different: it
/// writes the definition of an equal object in words of its own, has settings of its own, and lists the tables in which a
/// virtual table keeps its rows, or does not.
package struct Rewording {
  private let isOtherVersion: Bool
  private let isOtherDriver: Bool
  /// With another driver: virtual tables, and the tables in which they keep their rows.
  private let virtualTables: Set<TableName>
  private let now: String
  private let then: String

  /// - Parameters:
  ///   - driver: of the database that is compared; nil: the archive's.
  ///   - catalogs: of both.
  package init(archive: TargetRecord, now: Traits, driver: String? = nil, catalogs: [Catalog] = []) {
    let isOtherDriver = driver.map { $0 != archive.driver } ?? false
    let shadows = isOtherDriver ? catalogs.flatMap(\.tables).filter { $0.flags.contains(.shadow) } : []
    virtualTables = Set(shadows.flatMap { [$0.tableName, $0.ownerName] })
    self.isOtherDriver = isOtherDriver
    func major(_ version: String) -> Substring { version.prefix { $0 != "." } }
    isOtherVersion =
      archive.serverName == now.serverName && major(archive.serverVersion) != major(now.serverVersion)
    self.now = "\(now.serverName) \(now.serverVersion)"
    then = archive.serverVersion
  }

  /// One line; none where nothing is worded differently.
  package func warnings(_ reworded: [StateDifference]) -> [String] {
    guard !isOtherDriver else {
      let settings = reworded.filter(\.isOfSetting).map(\.description)
      let tables = Set(reworded.compactMap(\.object?.ownTable)).intersection(virtualTables)
        .map(\.description).sorted()
      return (settings.isEmpty ? [] : ["\(now) has settings of its own: \(settings.joined(separator: ", "))"])
        + (tables.isEmpty
          ? [] : ["what virtual tables hold was restored, but cannot be compared: \(tables.joined(separator: ", "))"])
    }
    if reworded.isEmpty { return [] }
    let names = reworded.prefix(5).compactMap { difference -> String? in
      if case .objectChanged(let object, _) = difference { "\(object.kind) \(object.label)" } else { nil }
    }
    let more = reworded.count - names.count
    let list = names.joined(separator: ", ") + (more > 0 ? " and \(more) more" : "")
    return ["\(now) words differently than \(then), which the archive is of, what defines \(list)"]
  }

  /// The object is there, and of the same type.
  package func explains(_ difference: StateDifference) -> Bool {
    if isOtherDriver {
      return difference.isOfSetting || difference.object?.ownTable.map(virtualTables.contains) ?? false
    }
    guard isOtherVersion, case .objectChanged(let now, let was) = difference else { return false }
    return now.nativeType == was.nativeType
  }
}

extension StateDifference {
  /// nil: it is of rows.
  fileprivate var object: SchemaObject? {
    switch self {
    case .objectMissing(let object), .objectAdded(let object), .objectChanged(let object, _): object
    case .rows: nil
    }
  }

  fileprivate var isOfSetting: Bool { object?.kind == "setting" }
}

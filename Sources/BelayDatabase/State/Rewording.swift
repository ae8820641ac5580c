import BelayArchive
import BelayDrivers

/// Tells what another version of the engine words differently from what is different: it writes the definition of an equal
/// object in words of its own.
package struct Rewording {
  private let isOtherVersion: Bool
  private let now: String
  private let then: String

  package init(archive: TargetRecord, now: Traits) {
    func major(_ version: String) -> Substring { version.prefix { $0 != "." } }
    isOtherVersion =
      archive.serverName == now.serverName && major(archive.serverVersion) != major(now.serverVersion)
    self.now = "\(now.serverName) \(now.serverVersion)"
    then = archive.serverVersion
  }

  /// One line; none where nothing is worded differently.
  package func warnings(_ reworded: [StateDifference]) -> [String] {
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
    guard isOtherVersion, case .objectChanged(let now, let was) = difference else { return false }
    return now.nativeType == was.nativeType
  }
}

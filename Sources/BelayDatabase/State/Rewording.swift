import BelayArchive
import BelayDrivers

/// Tells what another version of the engine words differently from what is different: it writes the definition of an equal
/// object in words of its own.
package struct Rewording {
  private let isOtherVersion: Bool
  /// "PostgreSQL 17.2 words it differently than 15.18, which the archive is of"
  package let words: String

  package init(archive: TargetRecord, now: Traits) {
    func major(_ version: String) -> Substring { version.prefix { $0 != "." } }
    isOtherVersion =
      archive.serverName == now.serverName && major(archive.serverVersion) != major(now.serverVersion)
    words =
      "\(now.serverName) \(now.serverVersion) words it differently than \(archive.serverVersion), "
      + "which the archive is of"
  }

  /// The object is there, and of the same type.
  package func explains(_ difference: StateDifference) -> Bool {
    guard isOtherVersion, case .objectChanged(let now, let was) = difference else { return false }
    return now.nativeType == was.nativeType
  }
}

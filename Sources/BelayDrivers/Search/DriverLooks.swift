import Synchronization

/// Returns the schemes of a driver's file, in lower case, without running any of its code in this process.
package typealias DriverLook =
  @Sendable (_ name: String, _ path: String) throws(DriverLoadError) -> [String]

/// The results of inspecting drivers. Each file is inspected once, because that starts a process.
///
/// The results are not stored in a file. Such a file would decide which driver gets a URL with its password, so it
/// would have to be as trusted as a driver's record; and that record, which `belay driver install` writes, already
/// serves this purpose.
final class DriverLooks: Sendable {
  private let look: DriverLook?
  private let keys: DriverKeys
  private let seen = Mutex<[String: Result<[String]?, DriverLoadError>]>([:])

  init(_ look: DriverLook?, keys: DriverKeys) {
    self.look = look
    self.keys = keys
  }

  /// nil if drivers cannot be inspected.
  func schemes(of candidate: DriverCandidate) -> Result<[String]?, DriverLoadError> {
    if let known = seen.withLock({ $0[candidate.path] }) { return known }
    let result = Result { () throws(DriverLoadError) -> [String]? in
      // If the checks of the file already refuse it, none of its code is run.
      _ = try DriverFile(name: candidate.name, path: candidate.path, keys: keys)
      return try look?(candidate.name, candidate.path)
    }
    seen.withLock { $0[candidate.path] = result }
    return result
  }
}

import Synchronization

/// Tells the schemes of a driver's file, in lower case, while none of its code runs in this process.
package typealias DriverLook =
  @Sendable (_ name: String, _ path: String) throws(DriverLoadError) -> [String]

/// What looking at drivers has shown. Each file is looked at once: that starts a process.
///
/// It is kept no longer than this process lives. A file that remembers it would decide which driver gets a URL with its
/// password, so it would need the trust of a driver's record; and that record, which `belay driver install` writes, is
/// such a file already.
final class DriverLooks: Sendable {
  private let look: DriverLook?
  private let keys: DriverKeys
  private let seen = Mutex<[String: Result<[String]?, DriverLoadError>]>([:])

  init(_ look: DriverLook?, keys: DriverKeys) {
    self.look = look
    self.keys = keys
  }

  /// nil where nobody can look.
  func schemes(of candidate: DriverCandidate) -> Result<[String]?, DriverLoadError> {
    if let known = seen.withLock({ $0[candidate.path] }) { return known }
    let result = Result { () throws(DriverLoadError) -> [String]? in
      // None of its code runs where the file shows already that it must not.
      _ = try DriverFile(name: candidate.name, path: candidate.path, keys: keys)
      return try look?(candidate.name, candidate.path)
    }
    seen.withLock { $0[candidate.path] = result }
    return result
  }
}

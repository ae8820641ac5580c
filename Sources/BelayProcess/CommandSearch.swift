import Glibc

/// Finds a command as a shell finds it: a name with a slash from a folder, any other in the folders of PATH.
package enum CommandSearch: Equatable, Sendable {
  /// Its path.
  case found(String)
  case missing
  /// There is a file of that name, which cannot be run.
  case notExecutable(String)

  /// - Parameters:
  ///   - path: the value of PATH; nil: it is not set.
  ///   - folder: what a relative path starts from.
  package init(_ name: String, path: String?, folder: String) {
    func absolute(_ text: String) -> String { text.hasPrefix("/") ? text : "\(folder)/\(text)" }
    guard !name.isEmpty else {
      self = .missing
      return
    }
    let folders = (path ?? "/usr/bin:/bin").split(separator: ":", omittingEmptySubsequences: false)
    let candidates =
      name.contains("/") ? [absolute(name)] : folders.map { absolute($0.isEmpty ? "." : String($0)) + "/" + name }
    var unusable: String?
    for candidate in candidates {
      var status = stat()
      guard stat(candidate, &status) == 0 else { continue }
      if status.st_mode & S_IFMT == S_IFREG, access(candidate, X_OK) == 0 {
        self = .found(candidate)
        return
      }
      unusable = unusable ?? candidate
    }
    self = unusable.map { .notExecutable($0) } ?? .missing
  }
}

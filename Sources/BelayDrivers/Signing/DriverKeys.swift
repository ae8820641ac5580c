/// Who may have signed the drivers that are loaded: the lists of keys that are there. Without one, anybody.
///
/// A driver must be signed by a key of every list there is: the user's own can restrict further what the system's allows,
/// and never loosen it.
package struct DriverKeys: Sendable, Equatable {
  /// In the order in which they are asked: the system's first.
  let paths: [String]

  /// No list binds.
  package static let none = DriverKeys(paths: [])

  init(paths: [String]) { self.paths = paths }

  /// `PREFIX/etc/belay/driver-keys`, or `/etc/belay/driver-keys` where PREFIX is /usr; then
  /// `$XDG_CONFIG_HOME/belay/driver-keys`, else `~/.config/belay/driver-keys`.
  /// - Parameter prefix: The folder above the one that belay's executable lies in; nil where that is not known.
  init(prefix: String?, environment: [String: String]) {
    var paths: [String] = []
    if let prefix { paths.append((prefix == "/" || prefix == "/usr" ? "" : prefix) + "/etc/belay/driver-keys") }
    if let config = environment["XDG_CONFIG_HOME"], config.hasPrefix("/") {
      paths.append(config + "/belay/driver-keys")
    } else if let home = environment["HOME"], home.hasPrefix("/") {
      paths.append(home + "/.config/belay/driver-keys")
    }
    self.paths = paths
  }

  /// The lists that are there.
  func lists() throws(FileFlaw) -> [KeyList] {
    var lists: [KeyList] = []
    for path in paths {
      do {
        if let list = try KeyList.read(path) { lists.append(list) }
      } catch {
        // A list that cannot be read must not be taken for none.
        throw FileFlaw(
          reason: "the list of keys \(path) \(error.reason)", hint: error.hint ?? "mend the list, or remove it")
      }
    }
    return lists
  }
}

/// Who has signed a driver.
package struct DriverSigner: Sendable, Equatable {
  /// As the first list that has the key calls it; nil where none has it.
  package let name: String?
  package let fingerprint: String

  package var text: String { name.map { "\($0) (\(fingerprint))" } ?? "\(fingerprint), which no list names" }
}

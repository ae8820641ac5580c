/// The lists of keys that may have signed drivers. Without a list, drivers need no signature.
///
/// A driver must be signed by a key of every existing list: the user's own list can only restrict further what the
/// system's list allows.
package struct DriverKeys: Sendable, Equatable {
  /// In the order in which they are checked: the system's first.
  let paths: [String]

  /// There is no list.
  package static let none = DriverKeys(paths: [])

  init(paths: [String]) { self.paths = paths }

  /// `PREFIX/etc/belay/driver-keys`, or `/etc/belay/driver-keys` if PREFIX is /usr; then
  /// `$XDG_CONFIG_HOME/belay/driver-keys`, or `~/.config/belay/driver-keys` if the variable is not set.
  /// - Parameter prefix: The folder above the folder of belay's executable; nil if it is not known.
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

  /// The lists that exist.
  func lists() throws(FileFlaw) -> [KeyList] {
    var lists: [KeyList] = []
    for path in paths {
      do {
        if let list = try KeyList.read(path) { lists.append(list) }
      } catch {
        // A list that cannot be read must not count as no list.
        throw FileFlaw(
          reason: "the list of keys \(path) \(error.reason)", hint: error.hint ?? "correct the list, or remove it")
      }
    }
    return lists
  }
}

/// The signer of a driver.
package struct DriverSigner: Sendable, Equatable {
  /// The key's name in the first list that contains it; nil if none does.
  package let name: String?
  package let fingerprint: String

  package var text: String { name.map { "\($0) (\(fingerprint))" } ?? "\(fingerprint), which is in no list" }
}

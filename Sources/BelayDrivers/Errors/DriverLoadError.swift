/// A driver could not be found, or must not or cannot be used.
package struct DriverLoadError: Error, Sendable, Equatable {
  package enum Kind: Sendable, Equatable {
    /// No driver is installed under that name or for that URL.
    case noDriver
    /// Somebody else could have written the file.
    case untrusted
    /// The file is not the one that was installed.
    case changed
    /// There is a list of keys, and none of them has signed this driver.
    case unsigned
    /// The system's loader rejects the file, or the file is not for this machine.
    case notLoadable
    /// The library is not a belay driver.
    case noSymbol
    /// The driver uses another major version of the ABI.
    case otherVersion
    /// The driver breaks the ABI's rules.
    case malformed
    /// Its entry function does not return.
    case hangs
    /// The system has no thread left to load it on.
    case noThread
  }

  package var kind: Kind
  /// The driver's name, or the URL's scheme if no driver is known for it.
  package var name: String
  package var path: String?
  package var message: String
  package var hint: String?

  package init(_ kind: Kind, name: String, path: String? = nil, message: String, hint: String? = nil) {
    self.kind = kind
    self.name = name
    self.path = path
    self.message = message
    self.hint = hint
  }
}

extension DriverLoadError: CustomStringConvertible {
  package var description: String { message }
}

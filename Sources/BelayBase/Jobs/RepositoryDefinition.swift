/// A place beside the store where archives are kept: an entry of `repositories:` in belay.yaml, or what a person types.
package struct RepositoryDefinition: Codable, Sendable, Equatable {
  /// Where its archives lie.
  package enum Place: Codable, Sendable, Equatable {
    /// A folder, by its absolute path.
    case folder(String)
    /// A folder of a remote that rclone knows by name.
    case rclone(remote: String, path: String)

    /// As it is typed and shown. It holds no secret.
    package var text: String {
      switch self {
      case .folder(let path): path
      case .rclone(let remote, let path): "rclone:\(remote):\(path)"
      }
    }
  }

  /// Why a text names no place.
  package struct Flaw: Error, Equatable {
    package let text: String
    package let hint: String
  }

  /// As belay.yaml names it; as typed, where it is in none.
  package var name: String
  package var place: Place
  /// A run fails whose archive cannot be stored there.
  package var isRequired = false
  /// The storage is asked to refuse an object whose name is taken (`If-None-Match: *`).
  package var ifNoneMatch = false
  /// Only archives of these targets are copied there by themselves; nil: of all.
  package var targets: [String]?
  /// Only archives of these kinds; nil: of all.
  package var kinds: [String]?
  /// How long its archives are kept, by their kind; nil: as in the store.
  package var retention: [String: RetentionPolicy]?

  package init(name: String, place: Place) {
    self.name = name
    self.place = place
  }

  /// Archives of this target and kind are copied there when they are made.
  package func takes(target: String?, kind: String) -> Bool {
    if let targets, !(target.map(targets.contains) ?? false) { return false }
    return kinds?.contains(kind) ?? true
  }

  package static let rclonePrefix = "rclone:"

  /// - Parameter absolute: makes a path of a folder absolute.
  package static func place(_ text: String, absolute: (String) -> String) throws(Flaw) -> Place {
    guard text.hasPrefix(rclonePrefix) else {
      if text.contains("://") {
        throw Flaw(
          text: "is a URL, and belay reaches storage by rclone",
          hint: "name a folder, or rclone:REMOTE:PATH with a remote of `rclone config`")
      }
      return .folder(absolute(text))
    }
    let rest = text.dropFirst(rclonePrefix.count)
    guard let colon = rest.firstIndex(of: ":"), colon != rest.startIndex else {
      throw Flaw(
        text: "names no remote that rclone knows by name",
        hint:
          "write rclone:REMOTE:PATH. Settings and secrets belong in rclone's configuration or in its environment variables, not here"
      )
    }
    let remote = String(rest[..<colon])
    // Everything else would be rclone's connection string, whose settings may be secrets: arguments are seen by everybody.
    guard remote.first != "-",
      remote.unicodeScalars.allSatisfy({
        $0.properties.isAlphabetic || ("0"..."9").contains($0) || "_-.+@ ".unicodeScalars.contains($0)
      })
    else {
      throw Flaw(
        text: "names a remote with settings in it",
        hint: "settings and secrets belong in rclone's configuration or in its environment variables")
    }
    var path = String(rest[rest.index(after: colon)...])
    while path.count > 1, path.hasSuffix("/") { path.removeLast() }
    guard !path.contains(where: \.isNewline), !path.contains("\0") else {
      throw Flaw(text: "has a line break in its path", hint: "write it on one line")
    }
    return .rclone(remote: remote, path: path)
  }
}

import BelayBase
import Foundation

/// A database's URL as a command gets it: in the form in which the person has written the target's, for the tools of the
/// world know one or the other. `sqlite:////srv/shop.db` leads to a copy as `sqlite:////srv/…`, `sqlite:/srv/shop.db` as
/// `sqlite:/srv/…`.
struct CommandURL: Sendable {
  /// Of the target, as it is configured.
  private let target: String
  /// What a relative path in it starts from.
  private let folder: String?

  init(_ target: Target) {
    self.target = target.url
    folder = target.folder
  }

  /// - Parameter url: of the target, or of a copy as the driver names it.
  func text(of url: String) -> String {
    guard url != target else { return absolute(url) }
    let (wanted, given) = (Self.parts(target), Self.parts(url))
    // An empty authority is the only one that any path can stand behind.
    guard wanted.slashes > 2, given.slashes == 1 else { return url }
    return given.scheme + String(repeating: "/", count: wanted.slashes) + given.rest
  }

  /// The command need not run in the folder that the path starts from.
  private func absolute(_ url: String) -> String {
    let parts = Self.parts(url)
    guard parts.slashes == 0, let folder else { return url }
    let path = Configuration.absolute(parts.rest, from: folder)
    return FileManager.default.fileExists(atPath: path) ? parts.scheme + path : url
  }

  /// "sqlite:", 4, "srv/shop.db"
  private static func parts(_ url: String) -> (scheme: String, slashes: Int, rest: String) {
    guard let colon = url.firstIndex(of: ":") else { return ("", 0, url) }
    let rest = url[url.index(after: colon)...]
    let path = rest.drop { $0 == "/" }
    return (String(url[...colon]), rest.count - path.count, String(path))
  }
}

import Foundation

/// How the migrations of a folder are named, as far as their beginnings tell: `0007_`, `20261120143022-`.
struct NameForm {
  private let version: VersionForm
  private let separator: String
  /// As its name has it; nil: there is none.
  let newest: String?

  /// - Parameters:
  ///   - names: of the migrations that are there; what begins with no number tells nothing.
  ///   - usual: for a folder without any.
  init(_ names: some Sequence<String>, usual: VersionForm) {
    var newest: (version: String, separator: String)?
    for name in names {
      guard let match = name.firstMatch(of: Self.beginning) else { continue }
      let version = String(match.1)
      guard newest.map({ NumberedVersions.precedes(Self.digits($0.version), Self.digits(version)) }) ?? true else {
        continue
      }
      newest = (version, String(match.2))
    }
    self.newest = newest?.version
    // Diesel's own first one, `00000000000000_diesel_initial_setup`, is no counter.
    let tells = newest.flatMap { $0.version.count == 14 && Int($0.version) == 0 ? nil : $0 }
    version = tells.map { VersionForm(of: $0.version) } ?? usual
    separator = newest.map(\.separator).flatMap { $0.isEmpty ? nil : $0 } ?? "_"
  }

  private static var beginning: Regex<(Substring, Substring, Substring)> {
    /^([0-9]{4}-[0-9]{2}-[0-9]{2}(?:-[0-9]{4,6})?(?:-0000)?(?=[_-])|[0-9]+)([_-]*)/
  }

  private static func digits(_ version: String) -> String { version.filter(\.isNumber) }

  func next(now: Date) -> String { version.next(after: newest, now: now) }

  /// `0008_add_posts`
  func name(_ title: MigrationTitle, now: Date) -> String { next(now: now) + separator + title.text }
}

import BelayBase
import Foundation

/// The next file of a folder of plain files, with one that undoes it where the newest has one.
struct PlainDraft {
  let listing: FolderMark.Listing

  func files(_ title: MigrationTitle, now: Date) -> [DraftedFile] {
    let names = listing.files.filter { $0.hasSuffix(".sql") }
    let form = NameForm(names, usual: .counter4)
    let stem = form.name(title, now: now)
    let up = "-- \(title.text)\n\n"
    let down = "-- undoes \(title.text)\n\n"
    guard let newest = newestStem(names) else { return [DraftedFile(stem + ".sql", up)] }
    if names.contains(newest + ".up.sql") { return Self.pair(stem, up, down) }
    let present = Set(names)
    // `0007_posts.down.sql`, `0007_posts_down.sql`, `0007_down_posts.sql`
    if present.contains(newest + ".down.sql") {
      return [DraftedFile(stem + ".sql", up), DraftedFile(stem + ".down.sql", down)]
    }
    for separator in ["_", "-"] {
      if present.contains("\(newest)\(separator)down.sql") {
        return [DraftedFile(stem + ".sql", up), DraftedFile("\(stem)\(separator)down.sql", down)]
      }
      guard let match = newest.firstMatch(of: /^([0-9]+)[_-](.+)$/) else { continue }
      if present.contains("\(match.1)\(separator)down\(separator)\(match.2).sql") {
        let version = form.next(now: now)
        return [
          DraftedFile(stem + ".sql", up),
          DraftedFile("\(version)\(separator)down\(separator)\(title.text).sql", down),
        ]
      }
    }
    return [DraftedFile(stem + ".sql", up)]
  }

  static func pair(_ stem: String, _ up: String, _ down: String) -> [DraftedFile] {
    [DraftedFile(stem + ".up.sql", up), DraftedFile(stem + ".down.sql", down)]
  }

  /// Of the newest migration, without its ending.
  private func newestStem(_ names: [String]) -> String? {
    let present = Set(names)
    let migrations = names.filter { name in
      guard let down = DownName(name) else { return MigrationFile.version(of: name) != nil }
      return !down.counterparts.isEmpty && down.counterpart(among: present) == nil
    }
    guard let newest = migrations.max(by: MigrationFile.precedes) else { return nil }
    return String(newest.dropLast(newest.hasSuffix(".up.sql") ? 7 : 4))
  }
}

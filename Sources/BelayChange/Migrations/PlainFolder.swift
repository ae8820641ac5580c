import BelayBase
import Foundation
import SystemPackage

/// The plain convention: `*.sql` in order of name, files that undo a migration left out unless named.
package struct PlainFolder: MigrationSource {
  let path: FilePath
  /// What the path of a named file starts from; nil: the current folder.
  let start: FilePath?

  package init(path: FilePath, start: FilePath? = nil) {
    self.path = path
    self.start = start
  }

  package var description: String { path.string }

  package func read() throws(BelayError) -> SourceContent {
    let listing = try FolderMark.Listing(reading: path)
    let mark = FolderMark(in: listing)
    let names = listing.files.filter { $0.hasSuffix(".sql") }
    guard !names.isEmpty else {
      // There is no migration yet: nothing is wrong, and nothing to apply.
      if mark == nil, Self.others(listing).isEmpty { return SourceContent(files: [], mark: nil) }
      throw nothingThere(listing, mark)
    }
    var content = SourceContent(files: [], mark: mark)
    let present = Set(names)
    for name in names.sorted(by: precedes) {
      guard let down = DownName(name) else {
        content.files.append(try MigrationFile(path.appending(name)).undone(by: wayDown(of: name, among: names)))
        continue
      }
      if let counterpart = down.counterpart(among: present) {
        content.skipped.append(SkippedFile(name: name, reason: "undoes \(counterpart)"))
      } else if down.counterparts.isEmpty {
        content.skipped.append(SkippedFile(name: name, reason: "undoes a migration"))
      } else if down.isWeak {
        content.files.append(try MigrationFile(path.appending(name)))
      } else {
        content.unclear.append(try MigrationFile(path.appending(name)))
      }
    }
    content.skipped += Self.others(listing)
    guard !content.files.isEmpty || !content.unclear.isEmpty else { throw onlyWaysDown(content.skipped) }
    return content
  }

  /// A file beside it that undoes it. Few plain migrations have one.
  private func wayDown(of name: String, among names: [String]) throws(BelayError) -> MigrationFile.WayDown {
    let stem = name.hasSuffix(".up.sql") ? name.dropLast(7) : name.dropLast(4)
    let down = names.first { $0 == stem + ".down.sql" || DownName($0)?.counterparts.contains(name) == true }
    return try down.map { (down) throws(BelayError) in .text(try MigrationFile(path.appending(down)).sql) } ?? .unknown
  }

  /// What would be a migration if its name were another.
  private static func others(_ listing: FolderMark.Listing) -> [SkippedFile] {
    let files = listing.files.filter { name in
      !name.hasSuffix(".sql") && (name.lowercased().contains(".sql") && name.first?.isNumber == true)
    }
    let folders = listing.folders.filter { $0.value.contains { $0.hasSuffix(".sql") } }.keys
    return files.sorted().map { SkippedFile(name: $0, reason: "does not end in .sql") }
      + folders.sorted().map { SkippedFile(name: $0 + "/", reason: "is a folder; belay does not look into it") }
  }

  private func nothingThere(_ listing: FolderMark.Listing, _ mark: FolderMark?) -> BelayError {
    if let mark {
      return BelayError(
        .refused, "the migrations folder \(path) is \(mark.tool.name)'s: \(mark.reason)",
        hint: "belay applies *.sql files that lie in one folder; \(mark.tool.advice)",
        state: "the database is untouched")
    }
    return BelayError(
      .notFound, "there is no *.sql file in the migrations folder \(path)",
      hint: "belay reads *.sql files in that folder alone", state: "the database is untouched",
      causes: Self.others(listing).map(\.line))
  }

  private func onlyWaysDown(_ skipped: [SkippedFile]) -> BelayError {
    BelayError(
      .notFound, "there is no migration in the migrations folder \(path), only files that undo one",
      hint: "name a file to apply it", state: "the database is untouched", causes: skipped.map(\.line))
  }

  package func files(named names: [String]) throws(BelayError) -> [MigrationFile] {
    var files: [MigrationFile] = []
    for name in names {
      let inside = path.pushing(FilePath(name))
      let typed = absolute(FilePath(name))
      let file = access(inside.string, F_OK) == 0 ? inside : typed
      files.append(try MigrationFile(file, name: identity(of: file)))
    }
    return files
  }

  private func absolute(_ file: FilePath) -> FilePath { start.map { $0.pushing(file) } ?? file }

  /// Its name in the ledger. A file of the folder has its own name; for others that may be equal, and so the path from the
  /// folder's parent counts, and always has a slash.
  private func identity(of file: FilePath) -> String {
    let folder = resolved(path)
    let file = resolved(file)
    if file.removingLastComponent() == folder, let name = file.lastComponent { return name.string }
    var inside = file
    guard inside.removePrefix(folder.removingLastComponent()) else { return file.string }
    return inside.components.count == 1 ? "./\(inside)" : inside.string
  }

  private func resolved(_ path: FilePath) -> FilePath {
    FilePath(URL(filePath: path.string).standardizedFileURL.resolvingSymlinksInPath().path)
  }

  package func contains(_ name: String) -> Bool {
    access(path.appending(name).string, F_OK) == 0
      || (name.contains("/") && access(path.removingLastComponent().pushing(FilePath(name)).string, F_OK) == 0)
  }

  package func isOfFolder(_ name: String) -> Bool { !name.contains("/") }

  package func precedes(_ a: String, _ b: String) -> Bool { MigrationFile.precedes(a, b) }

  package func isInOrder(_ name: String) -> Bool { isOfFolder(name) && DownName(name) == nil }
}

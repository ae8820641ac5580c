import BelayBase
import BelayDatabase
import BelayDrivers
import Foundation
import SystemPackage

/// Where the way down of a migration is, or would be: a part of its file, or a file of its own.
struct WayDownPlace {
  /// In the migrations folder.
  let path: String
  /// Stands before what is written there; empty: nothing is there yet.
  let head: String
  /// What there is of a way down; nil: nothing.
  let present: MigrationFile?
  /// The file as it is; nil: there is none.
  let was: [UInt8]?

  /// - Throws: where the folder's tool has no ways down, or the file cannot be read by its rules.
  init(of file: MigrationFile, in folder: FolderUpTo, settings: MigrationSettings) throws(BelayError) {
    guard let adopted = folder.adopted else {
      try self.init(named: Self.plainName(of: file.name, in: settings.folder), in: settings.folder)
      return
    }
    if let reason = adopted.tool.noWayDown {
      throw BelayError(
        .refused, "\(file.name) cannot get a way down: \(reason)",
        hint: "`belay rollback` puts the backup of a run back",
        state: "nothing was written")
    }
    switch adopted.tool.wayDown(of: file.name) {
    case .file(let name): try self.init(named: name, in: settings.folder)
    case .part(let mark):
      let present = try adopted.history.content.migrations.first { $0.name == file.name }?.down?.get()
      let text = String(decoding: file.bytes, as: UTF8.self)
      let end = text.hasSuffix("\n") ? "" : "\n"
      self.init(
        path: file.name, head: present == nil ? text + end + "\n\(mark)\n" : text + end, present: present,
        was: file.bytes)
    }
  }

  private init(path: String, head: String, present: MigrationFile?, was: [UInt8]?) {
    self.path = path
    self.head = head
    self.present = present
    self.was = was
  }

  private init(named name: String, in folder: FilePath) throws(BelayError) {
    let full = folder.pushing(FilePath(name))
    let present = FileManager.default.fileExists(atPath: full.string) ? try MigrationFile(full, name: name) : nil
    self.init(path: name, head: "", present: present, was: present?.bytes)
  }

  /// `0007_posts.sql` is undone by `0007_posts.down.sql`, unless a file of another form lies beside it already.
  private static func plainName(of name: String, in folder: FilePath) throws(BelayError) -> String {
    let names = try FolderMark.Listing(reading: folder).files
    if let present = names.first(where: { DownName($0)?.counterparts.contains(name) == true }) { return present }
    if let match = name.wholeMatch(of: /([0-9]+[_-])up([_-].+)/) { return "\(match.1)down\(match.2)" }
    if let match = name.wholeMatch(of: /(.+[_-])up\.sql/) { return "\(match.1)down.sql" }
    let stem = name.hasSuffix(".up.sql") ? name.dropLast(7) : name.hasSuffix(".sql") ? name.dropLast(4) : name[...]
    return stem + ".down.sql"
  }

  /// Comments alone, or in a transaction, are what `belay new` and tools leave there.
  func refuseFilled(on connection: Connection, context: RunContext) throws(BelayError) {
    guard let present else { return }
    let statements: [Statement]
    do {
      statements = try connection.split(present.sql, operation: context.stoppable())
    } catch {
      throw BelayError(error, doing: "cannot read \(present.name)", kind: .refused, state: "nothing was written")
    }
    let first = statements.first { $0.flags.isDisjoint(with: [.opensTransaction, .endsTransaction]) }
    guard let first else { return }
    throw BelayError(
      .refused, "there is a way down already: \(path), line \(first.line)",
      hint: "try it with `belay migrate`; to have it drafted anew, remove its statements", state: "nothing was written")
  }

  func filled(with text: String) -> DraftedFile {
    let joined = head + text
    let isWindows = head.contains("\r\n")
    return DraftedFile(
      path, isWindows ? joined.replacing("\r\n", with: "\n").replacing("\n", with: "\r\n") : joined,
      replaces: was != nil)
  }
}

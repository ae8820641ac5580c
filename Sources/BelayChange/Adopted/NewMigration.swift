import BelayBase
import Foundation
import SystemPackage

/// The next migration of a folder, by the rules of the tool whose folder it is, or by belay's own. Asks no database.
package struct NewMigration {
  /// "dbmate's, by ...": for messages.
  package let reason: String
  package let files: [DraftedFile]

  /// - Parameters:
  ///   - typed: what a person calls it.
  ///   - path: the folder, which need not be there.
  ///   - chosen: nil: whose folder it is shows in it.
  package init(
    _ typed: String, in path: FilePath, chosen: ConventionName?, now: Date
  ) throws(BelayError) {
    let title = try MigrationTitle(typed)
    let isThere = FileManager.default.fileExists(atPath: path.string)
    let folder = isThere ? try ToolFolder(reading: path) : ToolFolder(empty: path)
    if chosen != .plain, chosen != .wranglerD1,
      let (tool, reason) = try AdoptedFolder.recognised(folder, AdoptedFolder.tools(chosen), ledger: { _ in nil })
    {
      self.reason = "\(tool.tool.name)'s: \(reason)"
      files = try tool.draft(title, in: folder, now: now)
      return
    }
    if chosen == nil, let mark = FolderMark(in: folder.listing), !mark.isOnlyOfAccount {
      throw BelayError(
        .refused, "the migrations folder \(path) is \(mark.tool.name)'s: \(mark.reason)",
        hint: "make the file with that tool; `--convention NAME` says that the folder is of one that belay knows",
        state: "nothing was written")
    }
    if chosen == nil, let mark = try folder.firstMark() {
      throw BelayError(
        .refused, "the migrations folder \(path) has files that are written for \(mark.tool.name): \(mark.text)",
        hint: "make the file with that tool, or say how with `--convention NAME`", state: "nothing was written")
    }
    reason = "plain files"
    files = PlainDraft(listing: folder.listing).files(title, now: now)
  }
}

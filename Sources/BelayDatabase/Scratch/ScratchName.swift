import BelayArchive

/// The names of a run's scratch databases: from the id, so that recovery finds them, and no two runs have the same. What
/// is kept of the time before a swap lies under such a name for long.
package enum ScratchName {
  package static func copy(of run: String) -> String { "copy-" + slug(run) }

  /// In which a folder's files run from nothing.
  package static func replay(of run: String) -> String { "new-" + slug(run) }
  /// - Parameter attempt: from 1; another one has another name, for under the first the previous database may lie.
  package static func back(of run: String, attempt: Int = 1) -> String {
    "back\(attempt > 1 ? String(attempt) : "")-" + slug(run)
  }

  /// Letters, digits and `-`, as drivers record to take; at most 40.
  private static func slug(_ run: String) -> String {
    let safe = String(run.map { $0.isASCII && ($0.isLetter || $0.isNumber) ? $0 : "-" })
    guard safe.count > 40 || safe != run else { return safe }
    return safe.prefix(31) + "-" + sha256(Array(run.utf8)).prefix(8)
  }
}

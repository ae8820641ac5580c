import BelayArchive
import BelayBase
import BelayDatabase
import BelayRuns
import BelayStore

/// Whether what an archive holds may be run. To restore one is to run it: the statements of its schema, and whatever the
/// engine runs of its own dump. So it is done with the archives that this store has made, and with those for which a
/// person vouches.
struct ArchiveAdmission {
  let context: RunContext
  /// `--trust`
  let isTrusted: Bool

  /// - Parameters:
  ///   - typed: As a person names it.
  ///   - acceptingFailed: As in `Store.archive`.
  ///   - needsAll: An archive of a part of its database is refused.
  ///   - checksSums: Whoever uses it does not do that itself before it restores anything.
  /// - Returns: its exact name, so that what was admitted is what is used.
  func admit(
    _ typed: String, acceptingFailed: Bool = false, checksSums: Bool = true, needsAll: Bool = false
  ) throws(BelayError) -> String {
    let entry = try context.store.archive(typed, acceptingFailed: acceptingFailed)
    let id = Store.isPath(typed) ? typed : entry.id
    let reader: ArchiveReader
    do throws(BelayError) {
      reader = try entry.open(with: context.keys)
    } catch {
      // Whoever uses it says what is wrong with it.
      return id
    }
    if needsAll { try Self.refusePart(reader, of: context.store, "for a migration to go back to") }
    try admit(reader)
    // A signature is one of the manifest, and holds for the members as far as their checksums do: the engine is given
    // nothing that was exchanged since.
    if checksSums { _ = try Verification(context: context).verifyFile(entry, level: .manifest) }
    return id
  }

  /// For what needs the whole database.
  static func refusePart(_ reader: ArchiveReader, of store: Store, _ what: String) throws(BelayError) {
    guard let scope = reader.manifest.scope else { return }
    let id = reader.manifest.id
    let whole = try store.newestWhole(of: reader.manifest.target.identity)
    let other =
      whole.map { "the newest backup of the whole database is \($0.id)" } ?? "there is no backup of the whole database"
    throw BelayError(
      .refused, "archive \(id) holds a part of the database, which is not enough \(what): \(scope.leftOut) not in it",
      hint: "\(other); to get tables out of this one: belay restore \(id) --into URL --table NAME",
      state: "nothing was changed")
  }

  func admit(_ reader: ArchiveReader) throws(BelayError) {
    guard let strangeness = context.store.runs.strangeness(of: reader) else { return }
    let id = reader.manifest.id
    guard isTrusted else {
      throw BelayError(
        .refused,
        "this store has not made the archive \(id), and to restore it is to run what it contains: \(strangeness)",
        hint:
          "if you know who made it, add --trust: its statements and functions then run with your rights on the server. "
          + "`belay show`, `belay verify --level read` and `belay extract` without --where run nothing of it",
        state: "nothing was changed")
    }
    context.log(
      .warning,
      "this store has not made the archive \(id) (\(strangeness)). Because of --trust, what it contains is run all the same, and the store takes it for one of its own from now on"
    )
    try context.store.runs.prepare()
    try context.store.runs.sign(reader)
  }
}

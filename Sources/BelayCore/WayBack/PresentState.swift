import BelayArchive
import BelayDrivers
import Foundation
import SystemPackage

/// Backs up what is there before the database is put back over it: the rows that others have written since the run's own
/// backup are nowhere else.
struct PresentState {
  let run: Run
  /// The end of the archive's name, e.g. "before-recovery".
  let label: String

  /// - Returns: the archive; nil where the database cannot be read, so that there is nothing to save.
  func save() throws(BelayError) -> String? {
    // Ctrl+C may be why the database is put back; it does not stop this.
    let context = RunContext(
      settings: run.context.settings, narrator: run.context.narrator, cancellation: Cancellation(), interactive: false)
    do {
      _ = try StateReader(context: context, what: "reading what is there", stoppable: false).read(run.connection)
    } catch {
      context.log(.warning, "what is there now cannot be read, and is not backed up: \(error.message)")
      return nil
    }
    let id = try context.store.newID(now: Date(), label: label)
    defer { Self.clear(id, in: context.store) }
    let outcome = try Backup(
      context: context, access: run.access, journal: run.journal, id: id, formats: context.settings.formats
    ).take(from: run.connection)
    try Verification(context: context).verifyContents(try outcome.entry.open())
    try run.journal.write(.verified(archive: id, level: .read))
    return id
  }

  /// The folder that its files passed through: no run of its own belongs to it.
  static func clear(_ id: String, in store: Store) {
    for name in ["staging", "scratch", ""] {
      rmdir((name.isEmpty ? store.runFolder(id) : store.runFolder(id).appending(name)).string)
    }
  }
}

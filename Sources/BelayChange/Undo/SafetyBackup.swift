import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore
import Foundation
import SystemPackage

/// Backs up what is there before the database is put back over it: the rows that others have written since the run's own
/// backup are nowhere else.
package struct SafetyBackup {
  package let run: Run
  /// The end of the archive's name, e.g. "before-recovery".
  package let label: String

  package init(run: Run, label: String) {
    self.run = run
    self.label = label
  }

  /// - Returns: the archive; nil where the database cannot be read, so that there is nothing to save.
  package func save() throws(BelayError) -> String? {
    let id = try context.store.newID(now: Date(), label: label)
    do {
      try take(id, from: run.connection, at: nil)
    } catch {
      if isReadable() { throw error }
      context.log(.warning, "the current state cannot be read, and is not backed up: \(error.message)")
      return nil
    }
    try noteVerified(id)
    return id
  }

  /// Of what was in the target before another database took its place.
  package func save(_ connection: Connection, at place: Backup.Place) throws(BelayError) -> String {
    let id = try context.store.newID(now: Date(), label: label)
    try take(id, from: connection, at: place)
    try noteVerified(id)
    return id
  }

  /// Ctrl+C may be why the database is put back; it does not stop this.
  private var context: RunContext { run.context.with(cancellation: Cancellation(), interactive: false) }

  private func take(_ id: String, from connection: Connection, at place: Backup.Place?) throws(BelayError) {
    let context = context
    defer { Self.clear(id, in: context.store.runs) }
    var backup = Backup(
      context: context, access: run.access, journal: run.journal, id: id, formats: context.settings.formats,
      purpose: label)
    backup.place = place
    _ = try backup.take(from: connection)
  }

  /// Every member was decoded before the archive got its name.
  private func noteVerified(_ id: String) throws(BelayError) {
    try run.noteVerified(id, level: .read)
  }

  /// Only asked where the backup has failed: was it the database, or the store?
  private func isReadable() -> Bool {
    do {
      _ = try StateReader(context: context, what: "reading the current state", stoppable: false).read(run.connection)
      return true
    } catch {
      return false
    }
  }

  /// The folder that its files passed through: no run of its own belongs to it.
  package static func clear(_ id: String, in runs: RunState) {
    for name in ["staging", "scratch", ""] {
      rmdir((name.isEmpty ? runs.folder(of: id) : runs.folder(of: id).appending(name)).string)
    }
  }
}

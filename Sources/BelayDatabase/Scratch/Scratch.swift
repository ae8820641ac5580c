import BelayArchive
import BelayBase
import BelayDrivers
import BelayStore
import BelayText
import SystemPackage

/// A throw-away database beside the target. Journaled before it is made, so that recovery can drop what a crash left.
/// Used by one thread.
package final class Scratch {
  package let name: String
  package let url: String
  /// The previous content of the target is now at its URL, and is kept.
  private(set) var holdsPrevious = false
  private var isDropped = false
  private let access: TargetAccess
  private let target: Connection
  private let journal: Journal
  private let folder: FilePath
  private let context: RunContext

  private init(
    name: String, url: String, access: TargetAccess, target: Connection, journal: Journal, folder: FilePath,
    context: RunContext
  ) {
    self.name = name
    self.url = url
    self.access = access
    self.target = target
    self.journal = journal
    self.folder = folder
    self.context = context
  }

  /// - Parameter target: stays with the scratch, which is made, swapped in and dropped through it.
  package static func create(
    name: String, access: TargetAccess, target: Connection, journal: Journal, folder: FilePath, context: RunContext
  ) throws(BelayError) -> Scratch {
    let identity = target.traits.identity
    guard try !context.store.runs.previousDatabases(of: identity).contains(where: { $0.name == name }) else {
      throw BelayError(.failed, "a previous database is kept under the name \(name)")
    }
    do {
      let url = try target.locateScratch(name: name, operation: context.unstoppable())
      try journal.write(.creatingScratch(name: name, url: redact(url: url)))
      // What an earlier attempt of this run left.
      try target.dropScratch(url, operation: context.unstoppable())
      let created = try target.createScratch(name: name, operation: context.unstoppable())
      return Scratch(
        name: name, url: created, access: access, target: target, journal: journal, folder: folder, context: context)
    } catch {
      // What became of the scratch says nothing of the target; and by the journal it is found again.
      throw BelayError(any: error, doing: "cannot create the scratch database \(name)", kind: .failed).with(state: nil)
    }
  }

  package func open(operation: BelayDrivers.Operation) throws(BelayError) -> Connection { try opener(operation) }

  /// Opens it from any thread.
  package var opener: @Sendable (BelayDrivers.Operation) throws(BelayError) -> Connection {
    let (access, url, folder) = (access, url, folder)
    return { (operation) throws(BelayError) in try access.open(url, scratch: folder, operation: operation) }
  }

  /// Its content becomes the target's, all or nothing. Where the driver swaps, what was there before lies at the scratch's
  /// URL afterwards, and is not dropped here.
  /// - Parameter archive: what the scratch was restored from, and proven equal to.
  package func promote(_ archive: ArchiveReader) throws(BelayError) {
    let kept = PreviousDatabase.Record(
      ofScratch: name, url: url, traits: target.traits, settings: context.settings.retention, folder: folder)
    if let kept { try journal.write(kept.keeping) }
    do {
      try target.promote(url, operation: context.unstoppable("swapping in the copy"))
    } catch {
      let failure = BelayError(
        error, doing: "cannot swap in the restored copy for the target", kind: .notRolledBack)
      guard let kept else { throw failure }
      guard error.outcome != .notApplied else { throw failure }
      // The connection may have been lost halfway: what is there now shows whether it took effect.
      let found = PreviousDatabase.find(
        url, archive: archive, access: access, folder: folder, context: context)
      if found == .previous || found == .unknown { note(kept, swapped: found == .previous) }
      guard found == .previous else { throw failure }
      context.log(.warning, "\(failure.message), but it exists: \(error.message)")
      return
    }
    if let kept { note(kept, swapped: true) }
  }

  /// What is swapped in is no failure because a full disk cannot hold the line that says so: the line before says that
  /// it may be.
  private func note(_ kept: PreviousDatabase.Record, swapped: Bool) {
    holdsPrevious = true
    do { try journal.write(kept.kept(swapped: swapped)) } catch { context.log(.warning, error.message) }
  }

  /// A scratch that cannot be dropped is only said: the next run or recovery finds it by the journal. What is kept stays. The
  /// second time it does nothing.
  package func drop() {
    guard !holdsPrevious, !isDropped else { return }
    do {
      try target.dropScratch(url, operation: context.unstoppable())
      isDropped = true
      try journal.write(.droppedScratch(name: name))
    } catch {
      context.log(.warning, "the scratch database \(redact(url: url)) could not be dropped: \(error)")
    }
  }
}

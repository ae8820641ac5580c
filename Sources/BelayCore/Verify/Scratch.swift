import BelayDrivers
import SystemPackage

/// A throw-away database beside the target. Journaled before it is made, so that recovery can drop what a crash left.
struct Scratch {
  let name: String
  let url: String
  private let access: TargetAccess
  private let target: Connection
  private let journal: Journal
  private let folder: FilePath
  private let context: RunContext

  /// - Parameter target: stays with the scratch, which is made, swapped in and dropped through it.
  static func create(
    name: String, access: TargetAccess, target: Connection, journal: Journal, folder: FilePath, context: RunContext
  ) throws(BelayError) -> Scratch {
    do {
      let url = try target.locateScratch(name: name, operation: context.unstoppable())
      try journal.write(.creatingScratch(name: name, url: redact(url: url)))
      // What an earlier attempt of this run left.
      try target.dropScratch(url, operation: context.unstoppable())
      let created = try target.createScratch(name: name, operation: context.unstoppable())
      return Scratch(
        name: name, url: created, access: access, target: target, journal: journal, folder: folder, context: context)
    } catch {
      throw BelayError(any: error, doing: "cannot make the scratch database \(name)", status: .failed)
    }
  }

  func open(operation: BelayDrivers.Operation) throws(BelayError) -> Connection { try opener(operation) }

  /// Opens it from any thread.
  var opener: @Sendable (BelayDrivers.Operation) throws(BelayError) -> Connection {
    let (access, url, folder) = (access, url, folder)
    return { (operation) throws(BelayError) in try access.open(url, scratch: folder, operation: operation) }
  }

  /// Its content becomes the target's, all or nothing.
  func promote() throws(BelayError) {
    do {
      try target.promote(url, operation: context.unstoppable("putting the database back", unit: .pages))
    } catch {
      throw BelayError(error, doing: "cannot put the restored copy in the target's place", status: .notRolledBack)
    }
  }

  /// A scratch that cannot be dropped is only said: recovery finds it by the journal.
  func drop() {
    do {
      try target.dropScratch(url, operation: context.unstoppable())
      try journal.write(.droppedScratch(name: name))
    } catch {
      context.log(.warning, "the scratch database \(redact(url: url)) could not be dropped: \(error)")
    }
  }
}

import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayStore
import SystemPackage

/// Verifies one archive up to a level, with a connection to its target where the level needs an engine.
package struct ArchiveVerification {
  package let context: RunContext
  package let access: TargetAccess
  package let connection: Connection
  package let journal: Journal
  package let scratchFolder: FilePath
  package let label: String

  package init(
    context: RunContext, access: TargetAccess, connection: Connection, journal: Journal, scratchFolder: FilePath,
    label: String
  ) {
    self.context = context
    self.access = access
    self.connection = connection
    self.journal = journal
    self.scratchFolder = scratchFolder
    self.label = label
  }

  /// What a verification has proven.
  package struct Outcome {
    /// That really ran: `read` where the driver has no scratch.
    package let level: VerificationLevel
    /// What could not be proven on a restored copy, and why.
    package var unchecked: [Finding] = []
    /// What a person must know although the archive is good. It has been said already.
    package var warnings: [String] = []
    /// How long it took to restore and to compare; nil: it was not restored.
    package var restoreSeconds: Double?
  }

  /// - Parameter isRead: level `read` has run a moment ago, before the archive got its name.
  package func verify(_ reader: ArchiveReader, level: VerificationLevel, isRead: Bool = false) throws(BelayError)
    -> Outcome
  {
    let reached = level == .restore && !connection.hasScratch ? .read : level
    context.phase(.verify, "\(reader.manifest.id), level \(reached.rawValue)")
    let verification = Verification(context: context)
    switch level {
    case .manifest:
      // Proven by the writer already, before the archive got its name; here once more from the file.
      _ = try verification.verifyFile(context.store.shelf.resolve(reader.manifest.id), level: .manifest)
      return Outcome(level: .manifest)
    case .restore where connection.hasScratch:
      if !isRead { try verification.verifyContents(reader) }
      let copy = try verification.restoreIntoScratch(
        reader, name: ScratchName.copy(of: label), access: access, target: connection, journal: journal,
        scratchFolder: scratchFolder)
      copy.scratch.drop()
      return Outcome(level: .restore, unchecked: copy.unchecked, warnings: copy.warnings, restoreSeconds: copy.seconds)
    case .read, .restore:
      if !isRead {
        try verification.verifyContents(reader)
        try verification.verifyDump(reader, with: connection)
      }
      let preflight = Preflight(context: context, access: access, connection: connection)
      if level == .restore, let finding = preflight.noScratch() { context.log(.warning, finding.message) }
      return Outcome(level: .read)
    }
  }
}

import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayStore
import Foundation
import SystemPackage

/// Proves an archive, up to a level. A level that did not run is never reported.
package struct Verification {
  package let context: RunContext

  package init(context: RunContext) {
    self.context = context
  }

  /// `manifest` and `read`: needs no driver.
  package func verifyFile(_ entry: ArchiveEntry, level: VerificationLevel) throws(BelayError) -> ArchiveReader {
    let reader = try entry.open(with: context.keys)
    guard level == .manifest else {
      try verifyContents(reader)
      return reader
    }
    do {
      try reader.verifyManifest(
        progress: progress("checking checksums"), isCancelled: { [context] in context.cancellation.isCancelled })
    } catch {
      throw BelayError(error, kind: .verificationFailed, state: "nothing was changed")
    }
    return reader
  }

  /// Every member decoded, sizes and sums compared.
  package func verifyContents(_ reader: ArchiveReader, stoppable: Bool = true) throws(BelayError) {
    do {
      try reader.verifyContents(
        progress: progress("decoding"), isCancelled: { [context] in stoppable && context.cancellation.isCancelled })
    } catch {
      throw BelayError(error, kind: .verificationFailed, state: "nothing was changed")
    }
  }

  package func progress(_ label: String) -> @Sendable (UInt64, UInt64) -> Void {
    { [narrator = context.narrator] done, total in
      narrator.tell(.progress(ProgressUpdate(what: label, done: done, total: total, unit: .bytes)))
    }
  }

  /// `read` with the engine's own check of its dump.
  package func verifyDump(_ reader: ArchiveReader, with connection: Connection) throws(BelayError) {
    guard let member = reader.manifest.member(.native), let format = member.format,
      connection.formats().contains(where: { $0.name == format })
    else { return }
    do {
      let source = try reader.source(member.name)
      try connection.verifyDump(
        format, operation: context.stoppable("checking the dump"), from: { try source.read(into: $0) })
    } catch {
      throw BelayError(
        any: error, proving: "the engine's own check of the native dump in archive \(reader.manifest.id) failed",
        otherwise: .failed, state: "nothing was changed")
    }
  }
}

/// A restored copy of an archive in a scratch database, proven equal to the manifest.
package struct ProvenCopy {
  package let scratch: Scratch
  package let state: DatabaseState
  /// The engine of the copy, for people, if it differs from the target's; otherwise empty.
  package let standIn: String
  /// What could not be proven, and why.
  package let unchecked: [Finding]
  /// What a person must know of the archive although the copy is proven.
  package let warnings: [String]
  /// How long it took to restore and to prove it.
  package let seconds: Double
}

/// A database that holds what an archive records.
package struct Proof {
  package let state: DatabaseState
  /// Definitions that another version of the engine words differently.
  package let warnings: [String]
}

extension Verification {
  /// Level `restore`: into a scratch database, schema and every table's digest compared with the manifest.
  /// The scratch is left for the caller to use and drop.
  /// - Parameter orOfRows: Where the engine's dump does not load, schema and rows will do: there is a way back by them.
  package func restoreIntoScratch(
    _ reader: ArchiveReader, name: String, access: TargetAccess, target: Connection, journal: Journal,
    scratchFolder: FilePath, stoppable: Bool = true, orOfRows: Bool = false
  ) throws(BelayError) -> ProvenCopy {
    func restored(fromRows: Bool, _ flaw: String? = nil) throws(BelayError) -> ProvenCopy {
      try provenCopy(
        reader, name: name, access: access, target: target, journal: journal, scratchFolder: scratchFolder,
        stoppable: stoppable, fromRows: fromRows, flaw: flaw)
    }
    do throws(BelayError) {
      return try restored(fromRows: false)
    } catch {
      let loader = ArchiveLoader(context: context, reader: reader)
      guard orOfRows, error.kind == .dumpRefused, loader.nativeMember(for: target) != nil, loader.holdsAllRows
      else { throw error }
      let reason = ([error.message] + error.causes).joined(separator: ": ")
      do throws(BelayError) {
        return try restored(
          fromRows: true,
          "\(reason). The archive restores by its schema and rows, which takes longer"
            + (error.hint.map { ". To cure the dump: \($0)" } ?? ""))
      } catch let second {
        context.log(.debug, "nor do schema and rows load: \(second.message)")
        throw error
      }
    }
  }

  private func provenCopy(
    _ reader: ArchiveReader, name: String, access: TargetAccess, target: Connection, journal: Journal,
    scratchFolder: FilePath, stoppable: Bool, fromRows: Bool, flaw: String?
  ) throws(BelayError) -> ProvenCopy {
    let began = ContinuousClock.now
    let scratch = try Scratch.create(
      name: name, access: access, target: target, journal: journal, folder: scratchFolder, context: context)
    do throws(BelayError) {
      let operation = stoppable ? context.stoppable("restoring the copy") : context.unstoppable("restoring the copy")
      let connection = try scratch.open(operation: operation)
      defer { connection.close() }
      let standIn = connection.traits.standIn(for: target.traits)
      if !standIn.isEmpty { context.log(.notice, "the copy is created\(standIn)") }
      let loader = ArchiveLoader(context: context, reader: reader, stoppable: stoppable, proves: standIn.isEmpty)
      if fromRows { try loader.loadRows(into: connection) } else { try loader.loadAll(into: connection) }
      // The engine's check and the digests both read everything: at the same time.
      let check = engineCheck(of: scratch, operation: operation)
      let proof = Result { () throws(BelayError) in
        try prove(connection, equals: reader, what: "proving the copy", stoppable: stoppable)
      }
      try check.join()
      let proven = try proof.get()
      let warnings = (flaw.map { [$0] } ?? []) + proven.warnings
      for warning in warnings { context.log(.warning, warning) }
      return ProvenCopy(
        scratch: scratch, state: proven.state, standIn: standIn,
        unchecked: try Preflight.unchecked(connection, context: context), warnings: warnings,
        seconds: (ContinuousClock.now - began).seconds)
    } catch {
      scratch.drop()
      // What the copy was left in says nothing of the target.
      throw error.with(state: nil)
    }
  }

  private func engineCheck(of scratch: Scratch, operation: BelayDrivers.Operation) -> SideThread<Void> {
    let open = scratch.opener
    return SideThread { () throws(BelayError) in
      let connection = try open(operation)
      defer { connection.close() }
      let findings: [IntegrityFinding]
      do throws(DriverError) {
        findings = try connection.integrity(full: true, operation: operation) ?? []
      } catch {
        throw BelayError(any: error, proving: "cannot check the restored copy", otherwise: .failed)
      }
      let structural = findings.filter(\.isDamage)
      guard structural.isEmpty else {
        throw BelayError(
          .verificationFailed, "the restored copy does not pass the engine's own check",
          causes: structural.prefix(5).map { "\($0.object): \($0.message)" })
      }
    }
  }

  /// Compares a database with what an archive records. Throws naming every difference.
  /// - Parameter driver: the database's, which may be another one of the same family; nil: the archive's.
  @discardableResult
  package func prove(
    _ connection: Connection, equals reader: ArchiveReader, what: String, stoppable: Bool, driver: String? = nil
  ) throws(BelayError) -> Proof {
    let recorded = try DatabaseState.recorded(in: reader)
    let state = try StateReader(context: context, what: what, stoppable: stoppable).read(connection)
    let expected = recorded.expected(of: reader.manifest.scope, in: state)
    let rewording = Rewording(
      archive: reader.manifest.target, now: connection.traits, driver: driver,
      catalogs: [expected.catalog, state.catalog])
    let all = state.differences(from: expected)
    let differences = all.filter { !rewording.explains($0) }
    guard differences.isEmpty else {
      throw BelayError(
        .verificationFailed, "the restored database differs from archive \(reader.manifest.id)",
        hint: "keep the archive; take another backup",
        causes: differences.prefix(10).map(\.description))
    }
    return Proof(state: state, warnings: rewording.warnings(all.filter(rewording.explains)))
  }
}

extension Traits {
  /// For the end of a sentence about a copy.
  fileprivate func standIn(for target: Traits) -> String {
    serverName == target.serverName ? "" : " on \(serverName) \(serverVersion), instead of \(target.serverName)"
  }
}

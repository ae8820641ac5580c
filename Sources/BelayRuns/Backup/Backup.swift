import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayEncryption
import BelayStore
import Foundation
import SystemPackage

/// Takes one backup: every format from one instant, in one archive.
///
/// The rows are read once; digest, CSV, JSON and SQL text are made of the same batches while they stream past. Where
/// the driver can share its view (`belay.token/1`), the native dump is taken at the same time by a second connection.
/// A driver that turns its dumps into SQL text does that on the same thread as soon as the dump is complete; the rows
/// then make no SQL text of their own.
package struct Backup {
  package let context: RunContext
  package let access: TargetAccess
  package let journal: Journal
  package let id: String
  package let formats: [BackupFormat]
  /// Run the engine's own check on the native dump as it is stored.
  package var checksDump = false
  /// For the manifest: its kind; nil: somebody asked for it.
  package let purpose: String?
  /// Which tables; nil: all.
  package var scope: BackupScope?
  /// Where the rows are read; nil: the target itself.
  package var place: Place?

  /// What was in the target before another database took its place.
  package struct Place: Sendable {
    package let url: String
    /// The target's.
    package let identity: String

    package init(url: String, identity: String) {
      self.url = url
      self.identity = identity
    }
  }

  package init(
    context: RunContext, access: TargetAccess, journal: Journal, id: String, formats: [BackupFormat],
    checksDump: Bool = false, purpose: String? = nil
  ) {
    self.context = context
    self.access = access
    self.journal = journal
    self.id = id
    self.formats = formats
    self.checksDump = checksDump
    self.purpose = purpose
  }

  /// What was written, and what it holds.
  package struct Outcome {
    package let entry: ArchiveEntry
    package let manifest: Manifest
    package let state: DatabaseState
    /// How long it took; nil: it was made before.
    package var seconds: Double?
    /// Of the scope. They have been said already.
    package let warnings: [String]

    package init(entry: ArchiveEntry, manifest: Manifest, state: DatabaseState, warnings: [String] = []) {
      self.entry = entry
      self.manifest = manifest
      self.state = state
      self.warnings = warnings
    }
  }

  private var name: String { ArchiveName.of(id) }
  private var archives: any Repository { context.store.archives }
  private var folder: FilePath { context.store.runs.folder(of: id) }
  private var staging: FilePath { folder.appending("staging") }
  /// For the driver's temporary files; not the run's own where the backup is one of several.
  package var scratch: FilePath { folder.appending("scratch") }

  /// - Parameter source: a connection to the target, not inside a transaction.
  package func take(from source: Connection) throws(BelayError) -> Outcome {
    let began = ContinuousClock.now
    context.phase(.backup, access.redactedURL)
    try journal.write(.backingUp(archive: id))
    let writer: ArchiveWriter
    do {
      try Durable.makeFolder(staging)
      try Durable.makeFolder(scratch)
      writer = try ArchiveWriter(
        final: archives.localPath(name, staging: staging), staging: staging, encryptor: context.keys.encryptor())
    } catch {
      throw BelayError(any: error, doing: "cannot begin archive \(id)", kind: .backupFailed, state: untouched)
    }
    do {
      var outcome = try write(from: source, to: writer)
      outcome.seconds = (ContinuousClock.now - began).seconds
      try journal.write(.backedUp(archive: id))
      return outcome
    } catch {
      writer.abandon()
      if context.cancellation.isCancelled { throw context.interruption().with(state: untouched) }
      let kind: BelayError.Kind = error.kind == .failed ? .backupFailed : error.kind
      throw BelayError(kind, error.message, hint: error.hint, state: error.state ?? untouched, causes: error.causes)
    }
  }

  private var untouched: String { "\(access.redactedURL) is untouched, and no archive was left behind" }

  private func write(from source: Connection, to writer: ArchiveWriter) throws(BelayError) -> Outcome {
    let linked = context.linked()
    var view = try SharedView(source, context: linked)
    defer { view.end() }

    let whole: Catalog
    do {
      whole = try source.catalog(operation: linked.stoppable("reading the schema"))
    } catch {
      throw BelayError(error, doing: "cannot read the schema of \(access.redactedURL)", kind: .backupFailed)
    }
    let part = try BackupPart(of: whole, scope, formats: formats, context: linked)
    let catalog = part.catalog

    let format = part.formats.contains(.native) ? source.formats().first : nil
    let renders = try rendersText(format, source, linked)
    let native = try NativeMember(
      backup: self, context: linked, writer: writer, format: format, rendersText: renders)
    let dump = native.start(token: view.token)
    let written: RowMembers.Written
    do {
      written = try RowMembers(
        context: linked, writer: writer, catalog: catalog, formats: part.formats,
        isPart: part.record != nil, rendersSQL: !renders
      ).write(from: source)
    } catch {
      linked.cancellation.cancel(signal: nil)
      do throws(BelayError) {
        try dump?.join()
      } catch let other {
        // The one that failed first has stopped the other; that it was stopped is not what went wrong.
        if error.kind == .interrupted, !context.cancellation.isCancelled { throw other }
      }
      throw error
    }
    if let dump {
      // Others wait for what the view locks: not until the dump is text, and the archive read back.
      native.waitUntilRead()
      view.end()
      try dump.join()
    } else {
      try native.write(from: source, token: view.token)
      view.end()
    }

    let rows = written.records
    do {
      let schema = try SchemaMember.encode(catalog)
      let member = try writer.member(MemberName.schema, kind: .schema)
      try schema.withUnsafeBytes { try member.write($0) }
      try member.finish()
      try linked.checkCancelled()
      let manifest = try writer.finish(
        ManifestDraft(
          backup: self, source: source, tables: rows, scope: part.record,
          notes: part.notes + textNotes(rows, part.formats, rendersText: renders) + written.notes, view: view
        ).manifest,
        progress: Verification(context: linked).progress("reading it back"),
        isCancelled: { linked.cancellation.isCancelled },
        publish: { (partial) throws(ArchiveError) in
          // First, so that no archive has its name without one.
          try sign(partial)
          try archives.put(partial, as: name)
        })
      guard let entry = try archives.entry(id) else {
        throw BelayError(.backupFailed, "archive \(id) is gone from \(archives.location)")
      }
      let states = rows.map { ($0.table, TableState(rows: $0.rows, digest: $0.digest, counters: $0.counters)) }
      return Outcome(
        entry: entry, manifest: manifest,
        state: DatabaseState(catalog: catalog, tables: Dictionary(states, uniquingKeysWith: { first, _ in first })),
        warnings: part.warnings)
    } catch {
      throw BelayError(any: error, doing: "cannot write archive \(id)", kind: .backupFailed)
    }
  }

  /// For who restores the text that belay makes itself by hand.
  private func textNotes(_ tables: [TableRecord], _ formats: [BackupFormat], rendersText: Bool) -> [String] {
    guard formats.contains(.sql), !rendersText else { return [] }
    return tables.filter { $0.counters?.isEmpty == false }.map {
      "The SQL text does not set the values of \($0.table). They are in manifest.json, in its entry of `tables`, under `counters`."
    }
  }

  private func sign(_ partial: FilePath) throws(ArchiveError) {
    let reader = try ArchiveReader(partial)
    do throws(BelayError) {
      try context.store.runs.sign(reader)
    } catch {
      throw ArchiveError(
        .io, path: partial.string, ([error.message] + error.causes).joined(separator: ": "), hint: error.hint)
    }
  }

  /// Without a dump among the formats there is nothing to turn into text: the host makes it of the rows.
  private func rendersText(
    _ format: DumpFormat?, _ source: Connection, _ context: RunContext
  ) throws(BelayError) -> Bool {
    guard format != nil, formats.contains(.sql) else { return false }
    do {
      return try source.rendersDumps(operation: context.stoppable())
    } catch {
      throw BelayError(error, doing: "cannot ask the driver for its dump", kind: .backupFailed)
    }
  }
}

extension Backup.Outcome {
  /// For the report.
  package var record: ArchiveRecord {
    ArchiveRecord(
      path: entry.location, bytes: entry.bytes,
      members: manifest.members.map { ArchiveRecord.Member(name: $0.name, bytes: $0.storedBytes) },
      tables: manifest.tables.count, rows: Counted.sum(manifest.tables.map(\.rows)),
      manifestSHA256: (try? entry.open())?.manifestSHA256)  // else the summary goes without it
  }
}

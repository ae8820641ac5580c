import BelayBase
import BelayDatabase
import BelayDrivers
import BelayStore
import Foundation
import SystemPackage

/// One run on one target: its id, its journal, the locks it holds and the connection it works through.
///
/// Begins with nothing of it done, and ends in exactly one `end`. Used by one thread.
package final class Run {
  package let context: RunContext
  package let access: TargetAccess
  package let journal: Journal
  package let connection: Connection
  package let report: ReportCollector
  private let record: RunRecord
  private let holder: LockHolder

  package var id: String { record.id }
  package var kind: RunRecord.Kind { record.kind }
  package var folder: FilePath { context.store.runs.folder(of: id) }
  package var scratchFolder: FilePath { folder.appending("scratch") }
  package var identity: String { connection.traits.identity }

  /// Opens the target, takes the locks, begins the journal. Nothing of the target is changed. The store has been prepared.
  /// - Parameter create: make the database where it does not exist, and fail where it holds something.
  package init(
    _ kind: RunRecord.Kind, label: String, access: TargetAccess, context: RunContext, create: Bool = false
  ) throws(BelayError) {
    self.context = context
    self.access = access
    let id = try context.store.newID(now: Date(), label: label)
    let folder = context.store.runs.folder(of: id)
    let scratch = folder.appending("scratch")
    let first: Connection
    do {
      first = try access.open(create: create, scratch: scratch, operation: context.opening())
    } catch {
      context.store.runs.giveBack(id)
      throw error
    }
    connection = first
    let identity = first.traits.identity
    do throws(BelayError) {
      holder = LockHolder(
        try TargetLock(runs: context.store.runs, identity: identity, holder: "run \(id), process \(getpid())"))
      try Self.refuseUnfinished(identity: identity, runs: context.store.runs)
      do throws(Errno) {
        try Durable.makeFolder(scratch)
      } catch {
        throw BelayError(.refused, "cannot create \(scratch)", causes: [error.description])
      }
      record = RunRecord(
        id: id, kind: kind, target: access.target.name, url: access.redactedURL, folder: access.folder,
        identity: identity, driver: access.driver.id, processID: getpid())
      journal = try context.store.runs.begin(record)
    } catch {
      first.close()
      context.store.runs.giveBack(id)
      throw error
    }
    report = ReportCollector(
      id: record.id, kind: record.kind, target: access.redactedURL, began: Date(),
      facts: RunFacts(access, first, store: context.store.root))
    context.narrator.tell(.run(RunStarted(id: id, journal: journal.path.string)))
  }

  /// Takes up the run of a dead process.
  package init(resuming open: OpenRun, access: TargetAccess, context: RunContext) throws(BelayError) {
    self.context = context
    self.access = access
    record = open.record
    let folder = context.store.runs.folder(of: open.record.id)
    holder = LockHolder(
      try TargetLock(
        runs: context.store.runs, identity: open.record.identity,
        holder: "recovery of \(open.record.id), process \(getpid())",
        wait: .seconds(20)))
    let scratch = folder.appending("scratch")
    do throws(Errno) {
      // A run that ended with 40 has removed it, and the ways back need it.
      try Durable.makeFolder(scratch)
    } catch {
      throw BelayError(.refused, "cannot create \(scratch)", causes: [error.description])
    }
    journal = try context.store.runs.resume(open.record)
    connection = try access.open(scratch: scratch, operation: context.unstoppable("opening"))
    report = ReportCollector(
      id: record.id, kind: record.kind, target: access.redactedURL, began: Date(),
      facts: RunFacts(access, connection, store: context.store.root))
    context.narrator.tell(.run(RunStarted(id: id, journal: journal.path.string)))
  }

  /// Under the target's lock, so that an open run is a dead one.
  private static func refuseUnfinished(identity: String, runs: RunState) throws(BelayError) {
    try runs.forgetUnbegun(of: identity)
    guard let open = try runs.openRuns(of: identity).first else { return }
    let state =
      open.damage != nil || !open.record.kind.isHarmless
      ? "the database is as that run left it, perhaps half changed; this call changed nothing"
      : "the database is unchanged"
    if let damage = open.damage { throw BelayError(.locked, damage.message, hint: damage.hint, state: state) }
    throw BelayError(
      .locked, "run \(open.record.id) on this database was interrupted and has not ended",
      hint: "run `belay recover`", state: state)
  }

  /// Writes the report, the audit line and the journal's last step, and lets go of everything.
  package func end(_ result: RunResult) -> RunResult {
    var result = result
    result.run = id
    let copies = PreviousDatabase.copies(in: Journal.readable(journal.path)).map(\.url)
    // Of a failure, that it could not be made is one too.
    if !copies.isEmpty, result.error == nil {
      result.add(
        warning:
          "left behind, because it could not be dropped: \(copies.joined(separator: ", ")); the next run tries again")
    }
    do {
      result.report = try write(report.report(result, now: Date())).string
      try AuditLog(runs: context.store.runs).append(
        action: kind.rawValue, target: access.redactedURL, run: id, status: result.status, summary: result.summary,
        now: Date())
    } catch {
      context.log(.warning, "the report of run \(id) could not be written: \(error)")
    }
    connection.close()
    do {
      // What is not put back, or not known, stays open: `belay recover` tries again.
      if result.error?.kind.leavesRunOpen != true {
        let ending = RunEnding(status: result.status, summary: result.summary, failure: result.error?.kind)
        try context.store.runs.end(record, journal, as: ending)
      }
      removeTemporaryFolders()
    } catch {
      context.log(.warning, error.message)
    }
    holder.release()
    return result
  }

  private func write(_ report: RunReport) throws -> FilePath {
    let path = folder.appending("report.md")
    let showsRows = context.settings.report.showsRows
    try Durable.write(Data(MarkdownReport(report, showsRows: showsRows).text.utf8), to: path)
    try Durable.write(
      Data(HTMLReport(report, showsRows: showsRows).text.utf8), to: folder.appending("report.html"))
    let verification = VerificationText(report, showsRows: showsRows)
    if !verification.isEmpty {
      try Durable.write(Data(verification.text.utf8), to: folder.appending("verification_report.txt"))
    }
    return path
  }

  /// Lets go of everything and writes nothing: the run was not this process's to end.
  package func leave() {
    connection.close()
    rmdir(scratchFolder.string)  // only if nothing is in it
    holder.release()
  }

  /// What a run needs while it lives, and nothing else. What a swap left in it, and no archive holds, stays.
  private func removeTemporaryFolders() {
    let kept = PreviousDatabase.kept(in: Journal.readable(journal.path))
    let holdsPrevious = kept.contains { !$0.isCopy && $0.url.contains(scratchFolder.string) }
    for name in holdsPrevious ? ["staging"] : ["scratch", "staging"] {
      try? FileManager.default.removeItem(atPath: folder.appending(name).string)  // gone already, or recovery's work
    }
  }
}

/// A lock whose end is tied to the run's, though the lock itself cannot be copied.
private final class LockHolder {
  private var lock: TargetLock?

  init(_ lock: consuming TargetLock) { self.lock = consume lock }

  func release() {
    if let lock = lock.take() { lock.release() }
  }
}

extension Run {
  /// What puts the database back to an archive, as a person types it here.
  package func undoCommand(_ archive: String) -> String {
    (["belay", "rollback", archive] + context.settings.repeatedOptions).joined(separator: " ")
  }
}

import BelayArchive
import BelayBase
import BelayChange
import BelayDatabase
import BelayDrivers
import BelayEncryption
import BelayRuns
import BelayStore
import Foundation
import SystemPackage

/// Ends one dead run: reads where it stood, finishes or undoes it, and removes what it left lying about.
package struct RecoveredRun {
  package let run: Run
  package let open: OpenRun

  private var context: RunContext { run.context }
  private var target: String { run.access.redactedURL }

  /// What the journal says was going on.
  fileprivate enum InterruptedState {
    /// Nothing of the target had been written.
    case untouched
    /// The last COMMIT took effect, after all checks had passed.
    case finished
    /// Within the first transaction: the engine rolls it back by itself.
    case inFirstTransaction(archive: String)
    /// Some of it is in the database.
    case partly(archive: String)
    /// It had stopped by choice: what was committed before the step that failed stays.
    case stopped
    /// Was put back and proven already.
    case rolledBack
    /// A database that was new or empty, or one table, was being filled.
    case filling
  }

  package func result(afterCrash: Bool) -> RunResult {
    let id = open.record.id
    do throws(BelayError) {
      // Before anything else: a command that outlived belay may still be writing.
      if open.record.kind == .guarded { CommandProcesses(run: id, context).end(context) }
      let hookWasCutOff = RunHooks.endLeft(of: run)
      removeFiles()
      if open.steps.contains(.locking) { try run.lockAgain() }
      defer { if open.steps.contains(.locking) { run.unlock() } }
      try dropScratches()
      switch try interruptedState() {
      case .untouched:
        let state = "\(target) is untouched"
        return outcome(afterCrash, .failed, "run \(id) was interrupted before it changed anything; \(state)", state)
      case .finished:
        var result = RunResult(
          .done, "run \(id) had been completed: its changes are in \(target)", archive: archive,
          undo: archive.map(run.undoCommand))
        if hookWasCutOff {
          result.add(warning: "a hook of it was cut off, so that what it would have found is not known")
        }
        return result
      case .stopped:
        let state = "what its steps before the failed one did is in \(target), and proven"
        return outcome(afterCrash, .stopped, "run \(id) had stopped: \(state)", state)
      case .filling:
        let state = "\(target) may contain nothing of the archive, or all of it but not proven"
        return outcome(
          afterCrash, .failed, "run \(id) was interrupted while it restored; \(state): remove it, and restore again",
          state)
      case .rolledBack:
        let state = "\(target) is as it was"
        return outcome(afterCrash, .migrationFailed, "run \(id) had already been undone; \(state)", state)
      case .inFirstTransaction(let archive):
        let state = try undoneByTheEngine(archive)
        return outcome(afterCrash, .migrationFailed, "run \(id) has been undone: \(state)", state)
      case .partly(let archive):
        let back = try undo(archive)
        let wroteNoRows = open.steps.writableTables.map { $0.isEmpty || back.isUntouched($0) } ?? false
        if let state = back.proveSwap() ?? back.dropAdded(since: nil, rowsAreOfOthers: wroteNoRows) {
          return undone(state, archive, afterCrash)
        }
        // A rollback that was begun is completed; whoever began it knew what it takes away.
        if wroteNoRows, !open.steps.hasBegunRestoring {
          try back.spareOthersRows(since: nil, isAgreed: context.settings.yes && !afterCrash)
        }
        // Others may have gone on writing since the run's own backup, however short a time ago its worker died.
        let present = back.saveWhatIsThere(label: "before-recovery")
        if !open.steps.hasBegunRestoring {
          try back.agreeToRestoring(savedAs: present, isAgreed: context.settings.yes || afterCrash)
        }
        var state = try back.descend()
        if let present { state += "; what was there before is in \(present)" }
        return undone(state, archive, afterCrash)
      }
    } catch {
      var error = error
      if error.kind != .locked, error.kind != .outcomeUnknown { error.kind = .notRolledBack }
      return RunResult(
        failure: error, summary: "run \(id) could not be recovered: \(error.message)", archive: archive)
    }
  }

  private func undone(_ state: String, _ archive: String, _ afterCrash: Bool) -> RunResult {
    let id = open.record.id
    guard open.record.kind != .rollback else {
      return RunResult(.done, "run \(id) has been completed: \(state)", archive: archive, undo: run.undoCommand(id))
    }
    return outcome(afterCrash, .migrationFailed, "run \(id) has been undone: \(state)", state)
  }

  /// `belay recover` has done its work when the run is undone; the run itself has failed.
  private func outcome(_ afterCrash: Bool, _ kind: BelayError.Kind, _ summary: String, _ state: String) -> RunResult {
    guard afterCrash else { return RunResult(.done, summary, archive: archive) }
    let error = BelayError(kind, "run \(open.record.id) was interrupted: its worker died", state: state)
    return RunResult(failure: error, summary: summary, archive: archive)
  }

  /// The run's own: a recovery that was cut off too may have backed up what it found after that.
  private var archive: String? {
    for step in open.steps { if case .backedUp(let archive) = step { return archive } }
    return nil
  }

  private func undo(_ archive: String) throws(BelayError) -> Undo {
    let reader = try context.store.archives.resolve(archive).open(with: context.keys)
    context.keys.encryptLike(reader.manifest)
    // Before anything is saved or put back: whoever has forgotten the key learns it at once.
    if reader.manifest.encryption != nil { _ = try DatabaseState.recorded(in: reader) }
    return Undo(run: run, reader: reader, receipts: receipts)
  }

  /// The database needs no archive to be as it was, only the proof does: a run is not kept open for ever for one that
  /// is gone.
  private func undoneByTheEngine(_ archive: String) throws(BelayError) -> String {
    let back: Undo
    do {
      back = try undo(archive)
    } catch {
      // A key that is missing now is brought, and then the proof can be made.
      guard error.kind != .wrongKey, error.kind != .refused, try ownReceipts().isEmpty else { throw error }
      context.log(.warning, "the archive cannot be read: \(error.message)")
      return "rolled back by the engine's own transaction; the ledger contains nothing of it; the rows "
        + "could not be compared, because the archive \(archive) cannot be read"
    }
    return try back.proveTransaction(before: nil)
  }

  // MARK: Where it stood

  private func interruptedState() throws(BelayError) -> InterruptedState {
    if open.steps.contains(where: \.isStop) { return .stopped }
    if open.steps.contains(.proven) { return .rolledBackOrDone(open.record.kind) }
    for step in open.steps.reversed() {
      if case .rollingBack(let method, let archive) = step {
        return method == .transaction ? .inFirstTransaction(archive: archive) : .partly(archive: archive)
      }
    }
    if open.record.kind == .restore { return .filling }
    guard open.record.kind.changesTarget, let archive else { return .untouched }
    let receipts = receipts
    switch try Effect(
      journal: open.steps, marksFirst: run.connection.hasRewind || open.record.kind == .guarded,
      tookEffect: receipts == nil ? nil : tookEffect)
    {
    case .nothing: return .untouched
    case .undone: return .inFirstTransaction(archive: archive)
    case .partial: return .partly(archive: archive)
    case .committed: return .finished
    case .unknown: throw BelayError(.outcomeUnknown, "it is not known whether the change took effect")
    }
  }

  private var receipts: Receipts? { Receipts(journal: open.steps) }

  private func tookEffect(_ parts: [String]) throws(BelayError) -> Bool {
    let (access, folder, context) = (run.access, run.scratchFolder, context)
    return try LostCommit(
      context: context, runID: open.record.id, receipts: receipts, parts: parts,
      open: { () throws(BelayError) in
        try access.open(scratch: folder, operation: context.unstoppable("opening"))
      }
    ).tookEffect()
  }

  private func ownReceipts() throws(BelayError) -> [String] {
    try receipts?.parts(of: open.record.id, run.connection, context: context) ?? []
  }

  // MARK: What it left

  private func removeFiles() {
    for case .backingUp(let id) in open.steps {
      let staging = context.store.runs.folder(of: id).appending("staging")
      let partial = context.store.archives.localPath(ArchiveName.of(id), staging: staging).string + ".partial"
      try? FileManager.default.removeItem(atPath: partial)  // not there in most cases
      try? FileManager.default.removeItem(atPath: staging.string)
      if id != open.record.id { SafetyBackup.clear(id, in: context.store.runs) }
    }
  }

  private func dropScratches() throws(BelayError) {
    var left: [String] = []
    var records: [String: PreviousDatabase.Record] = [:]
    var kept: Set<String> = []
    for step in open.steps {
      switch step {
      case .creatingScratch(let name, _) where !left.contains(name): left.append(name)
      case .droppedScratch(let name): left.removeAll { $0 == name }
      case .keepingPrevious(let name, let url, let until):
        records[name] = PreviousDatabase.Record(name: name, url: url, until: until)
      case .keptPrevious(let name, _, _, _): kept.insert(name)
      default: break
      }
    }
    for name in left where !kept.contains(name) {
      do {
        let url = try run.connection.locateScratch(name: name, operation: context.unstoppable())
        if let record = records[name] {
          let found = whatLies(under: url)
          if found == .previous || found == .unknown {
            try run.journal.write(record.kept(swapped: found == .previous))
            continue
          }
        }
        try run.connection.dropScratch(url, operation: context.unstoppable())
      } catch {
        throw BelayError(any: error, doing: "cannot drop the scratch database \(name)", kind: .failed)
      }
      try run.journal.write(.droppedScratch(name: name))
    }
  }

  /// It was killed around the swap: did that take effect? What cannot be found out is kept, and dropped when its time is
  /// over.
  private func whatLies(under url: String) -> PreviousDatabase.Finding {
    guard let id = open.rollingBackTo else { return .copy }
    do {
      return PreviousDatabase.find(
        url, archive: try context.store.archives.resolve(id).open(with: context.keys), access: run.access,
        folder: run.scratchFolder,
        context: context)
    } catch {
      context.log(.warning, "cannot find out whether the swap took effect: \(error.message)")
      return .unknown
    }
  }
}

extension OpenRun {
  /// The archive of the last rollback that was begun.
  fileprivate var rollingBackTo: String? {
    for step in steps.reversed() { if case .rollingBack(_, let archive) = step { return archive } }
    return nil
  }
}

extension [Step] {
  /// The tables that hold all rows which the steps that were begun may have written; nil: any may.
  fileprivate var writableTables: Set<TableName>? {
    var begun: Set<Int> = []
    for case .applying(let step, _, _, _, _) in self { begun.insert(step) }
    guard !begun.isEmpty else { return nil }
    var writable: Set<TableName> = []
    for step in begun where !contains(.wroteNoRows(step: step)) {
      guard let tables = tablesWritten(by: step) else { return nil }
      writable.formUnion(tables)
    }
    return writable
  }

  private func tablesWritten(by step: Int) -> [TableName]? {
    for case .writesOnly(step, let tables) in self { return tables }
    return nil
  }

  /// A rollback method was begun that puts the whole backup in place.
  fileprivate var hasBegunRestoring: Bool {
    contains { if case .rollingBack(let method, _) = $0 { method != .added && method != .transaction } else { false } }
  }
}

extension RecoveredRun.InterruptedState {
  fileprivate static func rolledBackOrDone(_ kind: RunRecord.Kind) -> Self {
    kind == .rollback ? .finished : .rolledBack
  }
}

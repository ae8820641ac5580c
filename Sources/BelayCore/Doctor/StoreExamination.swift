import BelayBase
import BelayStore
import Foundation

/// What the store tells of a target: whether runs can keep anything in it, and what earlier ones have left.
struct StoreExamination {
  let store: Store

  private var runs: RunState { store.runs }

  /// - Throws: where a run could not write there.
  func place() throws(BelayError) -> String {
    try runs.checkWritable()
    return "\(store.root)" + (runs.freeBytes().map { ", \(ByteCount.text($0)) free" } ?? "")
  }

  /// In the order in which a run would meet them: one that is at work, then one that has not ended.
  func runs(of identity: String) -> [DoctorList.Entry] {
    let open: [OpenRun]
    do {
      open = try runs.openRuns()
    } catch {
      return [.init(.unfinishedRuns, refusal: error)]
    }
    let own = open.filter { $0.record.identity == identity }
    return [atWork(own, identity), interrupted(own)] + elsewhere(open.filter { $0.record.identity != identity })
  }

  private func atWork(_ own: [OpenRun], _ identity: String) -> DoctorList.Entry {
    if let run = own.first(where: \.isAlive) {
      return .init(
        .runAtWork,
        refusal: BelayError(.locked, "run \(run.record.id) is still running", hint: "wait until it has ended"))
    }
    guard TargetLock.isHeld(runs: runs, identity: identity) else { return .init(.runAtWork, .ok, "none") }
    return .init(
      .runAtWork,
      refusal: BelayError(.locked, "another belay run is using \(identity)", hint: "wait until it has ended"))
  }

  private func interrupted(_ own: [OpenRun]) -> DoctorList.Entry {
    let dead = own.filter { !$0.isAlive }
    // A backup or a verification that was interrupted is ended by the next run.
    if let run = dead.first(where: { $0.damage != nil || !$0.record.kind.isHarmless }) {
      return .init(
        .unfinishedRuns, refusal: BelayError(.locked, run.line, hint: run.damage?.hint ?? "run `belay recover`"))
    }
    guard let run = dead.first else { return .init(.unfinishedRuns, .ok, "none") }
    return .init(
      .unfinishedRuns, .note, "the \(run.record.kind.rawValue) \(run.record.id) was interrupted; the next run ends it")
  }

  private func elsewhere(_ open: [OpenRun]) -> [DoctorList.Entry] {
    open.map {
      .init(
        .unfinishedRuns, .note, "on another database: \($0.line)",
        hint: $0.isAlive ? nil : $0.damage?.hint ?? "run `belay recover`")
    }
  }

  /// Where the target cannot be opened, it is not known which of them are its own.
  func others() -> [DoctorList.Entry] {
    do {
      let open = try runs.openRuns()
      return open.isEmpty
        ? [.init(.unfinishedRuns, .ok, "none in this store")]
        : open.map { .init(.unfinishedRuns, .note, $0.line, hint: $0.isAlive ? nil : "run `belay recover`") }
    } catch {
      return [.init(.unfinishedRuns, .unknown, error.message, hint: error.hint)]
    }
  }

  /// The newest backup, and how long it took.
  func backups(of identity: String, databaseBytes: UInt64, hasScratch: Bool) -> [DoctorList.Entry] {
    do {
      let times = try store.measuredTimes(of: identity)
      let trouble = try runs.troubles().first { $0.identity == identity }
      return [
        time(times, databaseBytes, hasScratch: hasScratch),
        trouble.map { .init(.backups, .note, "the last one failed at \($0.at): \($0.what)") }
          ?? .init(.backups, .ok, times.map { "the newest is \($0.archive)" } ?? "none yet"),
      ]
    } catch {
      return [.init(.backups, .unknown, error.message, hint: error.hint)]
    }
  }

  private func time(_ times: MeasuredTimes?, _ bytes: UInt64, hasScratch: Bool) -> DoctorList.Entry {
    guard let times else {
      return .init(.time, .ok, "not known yet: no earlier backup of this database is in the store")
    }
    func about(_ seconds: Double) -> String { DurationText.about(times.scaled(seconds, to: bytes)) }
    let backup = "\(about(times.backupSeconds)) for the backup"
    let proof = hasScratch ? times.restoreSeconds.map { "\(about($0)) to restore and compare it" } : nil
    return .init(
      .time, .ok,
      [backup, proof].compactMap(\.self).joined(separator: ", ") + ", as measured with \(times.archive); the rehearsal "
        + "tells how long the migration itself takes")
  }

  func leftovers(of identity: String) -> [DoctorList.Entry] {
    do {
      return try runs.previousDatabases(of: identity).map {
        $0.isCopy
          ? .init(.leftovers, .note, "leftover copy: \($0.line): `belay recover` drops it")
          : .init(.leftovers, .note, "previous database kept: \($0.line)")
      }
    } catch {
      return [.init(.leftovers, .unknown, error.message, hint: error.hint)]
    }
  }
}

extension OpenRun {
  /// "run 20261120T143022Z-shop is still running"
  fileprivate var line: String {
    if isAlive { return "run \(record.id) is still running" }
    return damage?.message ?? "run \(record.id) was interrupted and has not ended"
  }
}

import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore

/// How long the stations of a change take that are still to come: as this run has measured, as an earlier one has, or else
/// guessed from the database's size. Used by one thread.
final class RunForecast {
  private let context: RunContext
  private let basis: String
  private let isGuessed: Bool
  private var parts: [(phase: Phase, seconds: Double)]
  private var entered: (phase: Phase, at: ContinuousClock.Instant)?

  /// Bytes in a second. What the benchmarks of docs/ have measured, made slower: an estimate that is too long annoys less.
  private static let backupRate = 30e6
  private static let restoreRate = 20e6
  private static let readingRate = 60e6
  /// Opening, locking, syncing.
  private static let least = 0.1

  /// nil: nothing is known, not even the size.
  init?(run: Run, options: ChangeOptions) {
    context = run.context
    let connection = run.connection
    let bytes = connection.traits.databaseBytes
    var times: MeasuredTimes?
    var rehearsal: Double?
    do throws(BelayError) {
      times = try context.store.measuredTimes(of: run.identity)
      rehearsal = try context.store.rehearsalSeconds(of: run.identity, databaseBytes: bytes)
    } catch {
      context.log(.debug, error.message)
    }
    guard times != nil || bytes > 0 else { return nil }
    let known = times
    func seconds(_ measured: Double?, rate: Double) -> Double {
      measured.flatMap { known?.scaled($0, to: bytes) } ?? Self.least + Double(bytes) / rate
    }
    isGuessed = times == nil
    // Where the engine does not tell what was written, all rows are read before and after.
    let reads = (try? connection.support(for: .footprint)) != .available
    let change = rehearsal ?? Self.least + (reads ? 2 * Double(bytes) / Self.readingRate : 0)
    parts = []
    if options.backup == nil { parts.append((.backup, seconds(times?.backupSeconds, rate: Self.backupRate))) }
    if connection.hasScratch {
      parts.append((.verify, seconds(times?.restoreSeconds, rate: Self.restoreRate)))
      if options.rehearses { parts.append((.rehearse, change)) }
    }
    parts.append((.apply, change))
    basis =
      (times.map { "as measured with \($0.archive)" } ?? "guessed from the size, \(ByteCount.text(bytes))")
      + (rehearsal == nil ? "; how long the change itself takes is not known yet" : "")
  }

  /// Tells what is still to come from this station on.
  func enter(_ phase: Phase) {
    learn()
    if let index = parts.firstIndex(where: { $0.phase == phase }) {
      parts.removeFirst(index)
      entered = (phase, .now)
    }
    let told = parts.map { RunEstimate.Part($0.phase, milliseconds: Int(min($0.seconds, 1e9) * 1000)) }
    context.narrator.tell(.estimate(RunEstimate(told, basis: basis)))
  }

  /// The station has ended, and what comes next is not the run's time: a person is asked.
  /// - Parameter happened: false: there was nothing to do in it, so that it tells nothing of the others.
  func leave(happened: Bool) {
    if !happened, let entered, let index = parts.firstIndex(where: { $0.phase == entered.phase }) {
      parts.removeFirst(index + 1)
      self.entered = nil
    }
    learn()
  }

  /// From the station that has ended: what is applied takes as long as its rehearsal, and where all is guessed, the rest is
  /// as much faster or slower.
  private func learn() {
    guard let (phase, at) = entered, let index = parts.firstIndex(where: { $0.phase == phase }) else { return }
    let seconds = at.duration(to: .now).seconds
    if phase == .rehearse {
      for later in parts.indices where parts[later].phase == .apply { parts[later].seconds = seconds }
    } else if isGuessed {
      let factor = min(10, max(0.1, seconds / parts[index].seconds))
      for later in parts.indices where later > index { parts[later].seconds *= factor }
    }
    parts.removeFirst(index + 1)
    entered = nil
  }
}

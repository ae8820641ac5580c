import BelayBase
import BelayCore

/// `belay verify --all`: the archives of a store, one after the other, those first that have waited longest for a proof.
struct StoreVerification {
  let session: Session
  let configuration: Configuration
  let settings: Settings
  let level: VerificationLevel
  /// Only archives of this one: its name in belay.yaml, or its URL. nil: all.
  let target: String?
  /// Restores archives too that this store has not made.
  let trust: Bool
  /// Seconds, after which no other archive is begun; nil: any number.
  let budget: Int?

  /// - Returns: `verificationFailed` if an archive is not good; else the first status that is not `done`.
  func run() throws(BelayError) -> ExitStatus {
    let shelf = StoreShelf(settings)
    let archives = try shelf.archives().filter { archive in target.map(archive.isOf) ?? true }
    guard !archives.isEmpty else {
      throw BelayError(
        .notFound, "there is no archive\(target.map { " of \($0)" } ?? "") in \(shelf.location)",
        hint: "`belay list` shows the archives", state: "nothing was verified")
    }
    // One for all: it takes the signals.
    let front = try session.front(store: settings.store, keyboard: nil)
    let began = ContinuousClock.now
    var tally = Tally(of: archives.count)
    for archive in Self.ordered(archives, at: level) {
      if let budget, ContinuousClock.now - began >= .seconds(budget) { break }
      let result = verify(archive, settings, by: front)
      // Retention may remove an archive meanwhile.
      if result.status == .notFound, try !isThere(archive, settings) { continue }
      session.renderer.show(.result(result))
      tally.add(result)
      if [.interrupted, .terminated].contains(result.status) { break }
    }
    return session.end(tally.result)
  }

  private func verify(_ archive: ArchiveSummary, _ settings: Settings, by front: Front) -> RunResult {
    var request = VerifyRequest(id: archive.id, level: level)
    request.trust = trust
    // What is damaged does not tell its target, and needs none to be found wrong.
    let isRestored = level == .restore && archive.damage == nil
    if level == .restore, !isRestored { request.level = .read }
    do throws(BelayError) {
      let chosen = isRestored ? try session.target(nil, ofArchive: archive.id, in: configuration, settings) : nil
      return front.outcome(of: Job(.verify(request), target: chosen, settings: settings, interactive: false))
    } catch {
      return RunResult(failure: error, archive: archive.id)
    }
  }

  private func isThere(_ archive: ArchiveSummary, _ settings: Settings) throws(BelayError) -> Bool {
    try StoreShelf(settings).archives().contains { $0.id == archive.id }
  }

  /// Those that were never proven at this level first, the newest of them before the others; then the oldest proof.
  static func ordered(_ archives: [ArchiveSummary], at level: VerificationLevel) -> [ArchiveSummary] {
    let proven = archives.map { archive in
      (archive, at: archive.proofs.last { $0.level >= level && $0.failure == nil }?.at)
    }
    let never = proven.filter { $0.at == nil }.map(\.0)
    let once = proven.compactMap { one in one.at.map { (one.0, $0) } }.sorted { $0.1 < $1.1 }.map(\.0)
    // A store lists the oldest first.
    return never.reversed() + once
  }
}

/// How many archives were verified, and how that ended.
private struct Tally {
  private let all: Int
  private var verified = 0
  private var bad = 0
  /// The first that did not end because an archive is good or bad.
  private var failure: RunResult?
  private var hasWarnings = false

  init(of all: Int) { self.all = all }

  mutating func add(_ result: RunResult) {
    verified += 1
    switch result.status {
    case .done: break
    case .doneWithWarnings: hasWarnings = true
    case .verificationFailed: bad += 1
    default: failure = failure ?? result
    }
  }

  var result: RunResult {
    var summary = "verified \(verified) of \(Counted.text(all, "archive"))"
    if bad > 0 { summary += "; \(bad) \(bad == 1 ? "is" : "are") not good" }
    if verified < all { summary += "; the next `belay verify --all` goes on with the rest" }
    if bad > 0 {
      return RunResult(
        failure: BelayError(
          .verificationFailed, summary, hint: "`belay list` shows which, `belay show ID` what is wrong",
          state: "no database was changed"))
    }
    if let error = failure?.error { return RunResult(failure: error, summary: summary) }
    return RunResult(hasWarnings || failure != nil ? .doneWithWarnings : .done, summary)
  }
}

import ArgumentParser
import BelayBase
import BelayStore
import Foundation
import SystemPackage

struct ForgetCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "forget",
    abstract: "Remove one archive, with the journal and the report of the run that made it.",
    discussion: """
      Removes nothing without --confirm. Refuses a pinned archive, and one that an open run or a kept previous database \
      needs. The last good archive of a target is removed only with --last.

      Example:
        belay forget 20261120T143022Z-shop --confirm
      """)

  @Argument(help: "The archive's id, or a unique beginning of it.", completion: .archive) var id: String
  @Flag(name: .long, help: "Remove it.") var confirm = false
  @Flag(name: .long, help: "Also if it is the last good archive of its target.") var last = false
  @OptionGroup var repository: RepositoryOption
  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let settings = try session.settings(try session.configuration(), repository)
    let store = Store(FilePath(settings.store), elsewhere: settings.repository)
    try store.runs.checkOwnership()
    let entry = try store.archiveToKeep(id)
    let all = try store.archiveFacts()
    guard let facts = all.first(where: { $0.id == entry.id }) else {
      throw BelayError(
        .notFound, "no archive \(entry.id) in \(store.shelf.location)", hint: "`belay list` shows the archives")
    }
    let lastGood = ArchiveRetention.lastGood(all.filter { $0.identity == facts.identity })
    if let good = lastGood.first(where: { $0.id == facts.id }), !last {
      throw BelayError(
        .refused, "\(facts.id) is \(good.reason)",
        hint: "make a newer backup and verify it; to remove this one all the same, add --last",
        state: "nothing was removed")
    }
    func protection() throws(BelayError) -> String? {
      if let pin = store.runs.pin(of: facts.id) { return "\(pin.text) (`belay unpin \(facts.id)`)" }
      return try ArchiveNeeds(store.runs).reason(facts.id, ofTarget: facts.identity)
    }
    if let reason = try protection() { throw refusal(facts.id, reason) }
    guard confirm else {
      return session.end(
        RunResult(
          .done, "would remove \(entry.location), \(ByteCount.text(entry.bytes)); to do it: add --confirm",
          archive: facts.id))
    }
    let pruning = try Pruning(store, .forget)
    let outcome = try pruning.remove(facts, reason: "asked for by a person", now: Date(), unless: protection)
    pruning.end()
    if case .left(let reason) = outcome { throw refusal(facts.id, reason) }
    return session.end(RunResult(.done, "removed \(entry.location)", output: ["removed \(facts.id)"]))
  }

  private func refusal(_ id: String, _ reason: String) -> BelayError {
    BelayError(.refused, "\(id) cannot be removed: \(reason)", state: "nothing was removed")
  }
}

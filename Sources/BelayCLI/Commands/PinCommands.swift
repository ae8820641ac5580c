import ArgumentParser
import BelayArchive
import BelayBase
import BelayStore
import Foundation
import SystemPackage

struct PinCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "pin",
    abstract: "Keep an archive, whatever the retention says.",
    discussion: """
      Neither `belay prune` nor `belay forget` removes a pinned archive.

      Example:
        belay pin 20261120T143022Z-shop --reason "the year's end"
      """)

  @Argument(help: "The archive's id, a unique beginning of it, `latest` or `latest:TARGET`.", completion: .archive)
  var id: String
  @Option(name: .long, help: "Why, for whoever finds it in five years.") var reason: String?
  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let store = Store(FilePath(session.settings(try session.configuration()).store))
    let entry = try store.archiveToKeep(id)
    // While it is open nobody removes it.
    let reader = try entry.open()
    let pin = Pin(at: Moment.iso(Date()), user: NSUserName(), reason: reason)
    try store.note("pin", entry.id, reader.manifest.target.url, pin.text)
    try store.runs.pin(entry.id, pin)
    withExtendedLifetime(reader) {}
    return session.end(RunResult(.done, "\(entry.id) is pinned", archive: entry.id))
  }
}

struct UnpinCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "unpin",
    abstract: "End the pin of an archive.",
    discussion: """
      Example:
        belay unpin 20261120T143022Z-shop
      """)

  @Argument(help: "The archive's id, a unique beginning of it, `latest` or `latest:TARGET`.", completion: .archive)
  var id: String
  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let store = Store(FilePath(session.settings(try session.configuration()).store))
    let entry = try store.archiveToKeep(id)
    guard let pin = store.runs.pin(of: entry.id) else {
      return session.end(RunResult(.done, "\(entry.id) was not pinned", archive: entry.id))
    }
    let target = store.facts(entry).url
    try store.note("unpin", entry.id, target, "ends: \(pin.text)")
    try store.runs.unpin(entry.id)
    return session.end(RunResult(.done, "\(entry.id) is no longer pinned", archive: entry.id))
  }
}

extension Store {
  /// For a command that decides how long an archive is kept: it must be one of this store.
  func archiveToKeep(_ typed: String) throws(BelayError) -> ArchiveEntry {
    guard !Self.isPath(typed) else {
      throw BelayError(
        .usage, "\(typed) is a path, and this is about the archives of the store \(root)",
        hint: "type the archive's id; `belay list` shows them", state: "nothing was changed")
    }
    return try archive(typed, acceptingFailed: true)
  }

  /// A line of the audit log about an archive.
  fileprivate func note(_ action: String, _ id: String, _ target: String, _ summary: String) throws(BelayError) {
    try runs.checkOwnership()
    do {
      try AuditLog(runs: runs).append(
        action: action, target: target, run: id, status: .done, summary: "\(id): \(summary)", now: Date())
    } catch {
      throw BelayError(.failed, "cannot write the audit log", state: "nothing was changed", causes: ["\(error)"])
    }
  }
}

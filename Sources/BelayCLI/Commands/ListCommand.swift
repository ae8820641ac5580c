import ArgumentParser
import BelayBase
import BelayCore

struct ListCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the archives in the store, oldest first.",
    discussion: """
      Example:
        belay list --store /var/backups/shop
      """)

  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let settings = session.settings(try session.configuration())
    let archives = try StoreShelf(settings.store).archives()
    let width = archives.map(\.id.count).max() ?? 0
    for archive in archives {
      let about =
        archive.damage.map { "DAMAGED: \($0)" }
        ?? archive.failedVerification.map { "FAILED its verification: \($0)" }
        ?? "\(archive.targetName ?? archive.targetURL), \(Counted.text(archive.tables.count, "table")), "
        + "\(Wording.count(Counted.sum(archive.tables.map(\.rows)))) rows"
      let size = ByteCount.text(archive.bytes)
      session.renderer.show(archive, as: ["\(archive.id.padded(to: width))  \(size.padded(to: 9))  \(about)"])
    }
    let noun = archives.count == 1 ? "archive" : "archives"
    return session.end(RunResult(.done, "\(archives.count) \(noun) in \(settings.store)"))
  }
}

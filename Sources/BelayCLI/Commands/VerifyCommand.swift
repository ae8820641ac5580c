import ArgumentParser
import BelayBase
import BelayCore

struct VerifyCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Prove that an archive is whole, or that it restores.",
    discussion: """
      manifest: names, sizes and checksums. read: every member is decoded, and the engine's dump is checked. restore: it is \
      restored beside the database, and schema and every table's digest are compared. Exits 21 where it fails.

      Example:
        belay verify latest --level restore
      """)

  @Argument(help: "The archive's id, a beginning of it, `latest` or `oldest`.") var id: String
  @Option(name: .long, help: "How far: manifest, read or restore.") var level: VerificationLevel = .read
  @Option(name: .long, help: "For `restore`: the target beside which it is restored. Else the archive's own.")
  var target: String?
  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let configuration = try session.configuration()
    let work = Job.Work.verify(VerifyRequest(id: id, level: level))
    switch level {
    case .manifest, .read:
      return session.runHere(work, settings: session.settings(configuration))
    case .restore:
      let chosen = try session.target(target, ofArchive: id, in: configuration)
      return session.run(work, target: chosen, settings: session.settings(configuration))
    }
  }
}

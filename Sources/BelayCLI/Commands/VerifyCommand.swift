import ArgumentParser
import BelayBase
import BelayCore

struct VerifyCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Prove that an archive is complete and undamaged, or that it can be restored.",
    discussion: """
      manifest: checks names, sizes and checksums. read: also decodes every member and checks the engine's dump. restore: \
      restores the archive into a scratch database and compares the schema and the digest of every table. Exits with 21 if the \
      verification fails.

      Example:
        belay verify latest --level restore
      """)

  @Argument(
    help:
      "The archive's id, a unique beginning of it, `latest` or `oldest` (`latest:TARGET` if the store has several targets).",
    completion: .archive
  ) var id: String
  @Option(name: .long, help: "How thoroughly: manifest, read or restore.") var level: VerificationLevel = .read
  @Option(
    name: .long,
    help: "For `restore`: the target that provides the scratch database. Default: the archive's own target.",
    completion: .target)
  var target: String?
  @Flag(
    name: .long,
    help:
      "For `restore`: restore an archive that this store has not made. What it contains runs with your rights on the server."
  )
  var trust = false
  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let configuration = try session.configuration()
    var request = VerifyRequest(id: session.archive(id), level: level)
    request.trust = trust
    let work = Job.Work.verify(request)
    switch level {
    case .manifest, .read:
      return session.runHere(work, settings: session.settings(configuration))
    case .restore:
      let chosen = try session.target(target, ofArchive: session.archive(id), in: configuration)
      return try session.run(work, target: chosen, settings: session.settings(configuration))
    }
  }
}

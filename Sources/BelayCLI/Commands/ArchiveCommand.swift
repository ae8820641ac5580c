import ArgumentParser
import BelayBase
import BelayCore

struct ArchiveCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "archive",
    abstract: "Move an archive to another repository.",
    discussion: """
      Copies the archive to a folder, or to a remote of rclone such as an object store, and compares size and content there. \
      Only then is it removed from the store. What the store knows of it stays: its proofs, its pin, and where it is. \
      The command `belay list --repository` shows what is there.

      Example:
        belay archive 20261120T143022Z-shop --to offsite
        belay archive latest --to rclone:b2:backups/shop --keep
      """)

  @Argument(help: "The archive's id, a unique beginning of it, `latest` or `latest:TARGET`.", completion: .archive)
  var id: String
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Where to: a name of `repositories:` in belay.yaml, a folder, or rclone:REMOTE:PATH.", valueName: "repository"),
    completion: .repository)
  var to: String
  @Flag(name: .long, help: "Copy it: it stays in the store too.") var keep = false
  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let configuration = try session.configuration()
    var request = ArchiveRequest(id: session.archive(id), repository: try session.repository(to, in: configuration))
    request.keeps = keep
    return try session.run(.archive(request), target: nil, settings: session.settings(configuration))
  }
}

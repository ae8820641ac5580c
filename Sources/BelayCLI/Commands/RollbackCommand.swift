import ArgumentParser
import BelayBase
import BelayCore

struct RollbackCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "Return a database to the state in an archive.",
    discussion: """
      Shows the plan and what would be lost, asks twice, and requires you to type a code. First backs up the present state, \
      so that the rollback can be undone too. Without a terminal, prints the plan and the code and exits with 12; run it again \
      with --confirm CODE --yes to continue.

      Example:
        belay rollback latest --plan
        belay rollback latest
        belay rollback latest --confirm ROLLBACK_1A2B3C4D --yes
      """)

  @Argument(
    help:
      "The archive's id, a unique beginning of it, `latest` or `oldest` (`latest:TARGET` if the store has several targets).",
    completion: .archive
  ) var id: String
  @Option(name: .long, help: "The target. Default: the one recorded in the archive.", completion: .target)
  var target: String?
  @Option(name: .long, help: ArgumentHelp("The confirmation code that the plan shows.", valueName: "code")) var confirm:
    String?
  @Flag(name: .long, help: "Show the steps, how long they take and what would be lost; change nothing.") var plan =
    false
  @Flag(name: .long, help: "End other sessions right before the database is rolled back.") var terminate = false
  @Flag(
    name: .long,
    help: "Restore an archive that this store has not made: what it contains runs with your rights on the server.")
  var trust = false
  @OptionGroup var keys: KeyOptions
  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let configuration = try session.configuration()
    let chosen = try session.target(target, ofArchive: session.archive(id), in: configuration)
    var request = RollbackRequest(id: session.archive(id))
    request.confirm = confirm
    request.terminate = terminate
    request.trust = trust
    request.plan = plan
    return try session.run(
      .rollback(request), target: chosen, settings: keys.settings(configuration, in: session))
  }
}

import ArgumentParser
import BelayBase
import BelayCore

struct RollbackCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "rollback",
    abstract: "Put a database back to what an archive holds.",
    discussion: """
      Shows the plan and counts what would be lost, asks twice, and wants a code typed. Backs the present state up first, so \
      that a rollback can be undone too. Without a terminal it prints plan and code and exits 12; with the code and --yes it \
      goes on.

      Example:
        belay rollback latest
        belay rollback latest --confirm ROLLBACK_1A2B3C4D --yes
      """)

  @Argument(help: "The archive's id, a beginning of it, `latest` or `oldest`.") var id: String
  @Option(name: .long, help: "The target, where it is not the one named in the archive.") var target: String?
  @Option(name: .long, help: ArgumentHelp("The code that the plan shows.", valueName: "code")) var confirm: String?
  @Flag(name: .long, help: "End the sessions of others right before the database is put back.") var terminate = false
  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let configuration = try session.configuration()
    let chosen = try session.target(target, ofArchive: id, in: configuration)
    var request = RollbackRequest(id: id)
    request.confirm = confirm
    request.terminate = terminate
    return session.run(
      .rollback(request), target: chosen, settings: session.settings(configuration))
  }
}

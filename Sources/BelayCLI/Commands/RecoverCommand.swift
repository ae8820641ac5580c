import ArgumentParser
import BelayCore

struct RecoverCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "recover",
    abstract: "Finish or undo runs that were cut off.",
    discussion: """
      Reads each open run's journal, and brings its database to what it was before or, where the change was committed, to \
      what it is after; then proves it. Safe to call at any time, and more than once.

      Example:
        belay recover
      """)

  @Argument(help: "The run's id. Else all open runs of the store.") var run: String?
  @Option(name: .long, help: "The run's target, where its URL needs a secret that belay.yaml does not resolve.")
  var target: String?
  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let configuration = try session.configuration()
    var chosen: BelayCore.Configuration.ChosenTarget?
    if let target { chosen = try session.target(target, in: configuration) }
    return session.run(
      .recover(RecoverRequest(run: run)), target: chosen?.target, settings: session.settings(configuration, for: chosen)
    )
  }
}

import ArgumentParser
import BelayBase
import BelayCore

struct CheckCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Run the checks of belay.yaml, foreign keys and integrity, and change nothing.",
    discussion: """
      Exits 31 where one fails.

      Example:
        belay check shop
      """)

  @OptionGroup var argument: TargetArgument
  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let configuration = try session.configuration()
    let chosen = try session.resolver(configuration).target(argument.target)
    return session.run(.check, target: chosen, settings: session.settings(configuration))
  }
}

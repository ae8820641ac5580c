import ArgumentParser
import BelayBase
import BelayCore

struct CheckCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "check",
    abstract: "Run the checks in belay.yaml and check foreign keys and integrity. Changes nothing.",
    discussion: """
      Exits with 31 if a check fails.

      Example:
        belay check shop
      """)

  @OptionGroup var argument: TargetArgument
  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let configuration = try session.configuration()
    let chosen = try session.resolver(configuration).target(argument.target)
    return try session.run(.check, target: chosen, settings: session.settings(configuration))
  }
}

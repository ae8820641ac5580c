import ArgumentParser
import BelayBase
import BelayCore

struct DoctorCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check whether a migration is likely to succeed. Changes nothing.",
    discussion: """
      Checks the driver, server version, grants, disk space, store, other sessions and unfinished runs. Lists all \
      problems at once, each with a hint how to solve it. Exits with 22 if a migration would be refused.

      Example:
        belay doctor shop
      """)

  @OptionGroup var argument: TargetArgument
  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let configuration = try session.configuration()
    let chosen = try session.resolver(configuration).target(argument.target)
    return try session.run(.doctor, target: chosen, settings: session.settings(configuration))
  }
}

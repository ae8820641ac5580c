import ArgumentParser
import BelayBase
import BelayCore

struct DoctorCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Look whether a migration could go well, and change nothing.",
    discussion: """
      Driver, server version, grants, disk space, store, other sessions, unfinished runs: all that fails is listed at \
      once, each with its cure. Exits 22 where a migration would be refused.

      Example:
        belay doctor shop
      """)

  @OptionGroup var argument: TargetArgument
  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let configuration = try session.configuration()
    let chosen = try session.resolver(configuration).target(argument.target)
    return session.run(.doctor, target: chosen, settings: session.settings(configuration))
  }
}

import ArgumentParser
import BelayBase
import BelayCore

struct DoctorCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor",
    abstract: "Check whether a migration is likely to succeed. Changes nothing.",
    discussion: """
      Lists everything that a migration depends on, each with ok, note, warning or failed, and with a hint: configuration, \
      driver, store, connection, runs that are at work or unfinished, room, rights, integrity, pending files, checks, and \
      how long a backup took. Exits as `belay migrate` would answer before it does anything.

      Example:
        belay doctor shop
      """)

  @OptionGroup var argument: TargetArgument
  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let configuration: Configuration
    do {
      configuration = try session.configuration()
    } catch {
      show(error, in: session)
      throw error
    }
    let chosen: Target
    do {
      chosen = try session.resolver(configuration).target(argument.target)
    } catch {
      // Without a file it is what was typed that is wrong.
      if configuration.file != nil { show(error, in: session) }
      throw error
    }
    session.renderer.show(.diagnosis(Diagnosis(.configuration, .ok, configuration.file ?? "no belay.yaml")))
    return try session.run(.doctor, target: chosen, settings: session.settings(configuration))
  }

  private func show(_ error: BelayError, in session: Session) {
    session.renderer.show(.diagnosis(Diagnosis(.configuration, .failed, error.message, hint: error.hint)))
  }
}

import ArgumentParser
import BelayBase
import BelayCore

/// `belay` itself.
struct RootCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "belay",
    abstract: """
      Makes a change to a database safe: backs it up, rehearses, applies, checks, and puts it back if anything fails.
      """,
    usage: "belay <command> [<options>]",
    discussion: """
      Begin with `belay init`, then `belay doctor`, then `belay migrate`. Where something can be undone, the last line \
      printed is the command that does.
      """,
    version: Belay.version,
    groupedSubcommands: [
      CommandGroup(name: "Begin", subcommands: [InitCommand.self, DoctorCommand.self, StatusCommand.self]),
      CommandGroup(name: "Change", subcommands: [MigrateCommand.self, RollbackCommand.self, RecoverCommand.self]),
      CommandGroup(
        name: "Keep",
        subcommands: [
          BackupCommand.self, ListCommand.self, ShowCommand.self, VerifyCommand.self, RestoreCommand.self,
          ExtractCommand.self,
        ]),
      CommandGroup(name: "Look", subcommands: [CheckCommand.self, DriverCommand.self]),
    ])
}

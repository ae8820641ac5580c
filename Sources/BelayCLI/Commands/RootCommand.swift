import ArgumentParser
import BelayBase
import BelayCore

/// `belay` itself.
struct RootCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "belay",
    abstract: """
      Makes database changes safe: backs up, rehearses, applies, checks, and rolls back if anything fails.
      """,
    usage: "belay <command> [<options>]",
    discussion: """
      Start with `belay init`, then `belay doctor`, then `belay migrate`. If something can be undone, the last line \
      printed is the command that undoes it.
      """,
    version: Belay.version,
    groupedSubcommands: [
      CommandGroup(
        name: "Start", subcommands: [InitCommand.self, DoctorCommand.self, StatusCommand.self, LogCommand.self]),
      CommandGroup(
        name: "Change",
        subcommands: [
          NewCommand.self, DownCommand.self, MigrateCommand.self, GuardCommand.self, AdoptCommand.self,
          JournalCommand.self, RollbackCommand.self, RecoverCommand.self,
        ]),
      CommandGroup(
        name: "Backups",
        subcommands: [
          BackupCommand.self, SnapshotTableCommand.self, ListCommand.self, ShowCommand.self, VerifyCommand.self,
          RestoreCommand.self,
          ExtractCommand.self, DiffCommand.self, ArchiveCommand.self, PruneCommand.self, PinCommand.self,
          UnpinCommand.self, ForgetCommand.self, RekeyCommand.self, ScheduleCommand.self,
        ]),
      CommandGroup(
        name: "Checks and drivers", subcommands: [CheckCommand.self, WatchCommand.self, DriverCommand.self]),
    ])
}

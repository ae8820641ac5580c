import ArgumentParser

/// The backups around a change, of `migrate` and `guard`: one of before in place of a new one, and one after it.
struct ChangeBackupOptions: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Use this archive instead of making a backup, e.g. that of a run that you did not confirm, or that failed. It must be "
        + "of this database, with the same schema.", valueName: "id"), completion: .archive)
  var backup: String?
  @Flag(
    name: .long,
    help:
      "With --backup: use an archive that this store has not made. What it contains runs with your rights on the server."
  )
  var trust = false
  @Flag(name: .long, help: "Take another backup when it has succeeded. Default: `backup_after` in belay.yaml.")
  var backupAfter = false
}

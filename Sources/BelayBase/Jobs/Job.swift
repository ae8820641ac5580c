/// What the worker is to do: the first line that the front sends it. Commands that load no driver (`list`, `show`,
/// `verify --level manifest|read`, `extract` without `--where`, `diff` of two archives, `rekey`, `init`) run in the front and are no jobs.
package struct Job: Codable, Sendable {
  package enum Work: Codable, Sendable {
    case doctor
    case check
    case status(StatusRequest)
    case backup(BackupRequest)
    case archive(ArchiveRequest)
    case verify(VerifyRequest)
    case migrate(MigrateRequest)
    case guarded(GuardRequest)
    case adopt(AdoptRequest)
    case draftDown(DownDraftRequest)
    case journal(JournalRequest)
    case rollback(RollbackRequest)
    case restore(RestoreRequest)
    case tableCopies(TableCopiesRequest)
    case tableRestore(TableRestoreRequest)
    case extract(ExtractRequest)
    case diff(DiffRequest)
    case rekey(RekeyRequest)
    case recover(RecoverRequest)

    /// A signal does not stop it.
    package var isRecovery: Bool { if case .recover = self { true } else { false } }

    /// A signal makes it put a database back.
    package var changesDatabase: Bool {
      switch self {
      case .migrate, .guarded, .adopt, .journal, .rollback, .restore, .tableRestore, .recover: true
      case .doctor, .check, .status, .backup, .archive, .verify, .draftDown, .extract, .diff, .rekey, .tableCopies:
        false
      }
    }
  }
  package var work: Work
  /// As the front has resolved it. nil for jobs that open no database: the worker resolves none by itself.
  package var target: Target?
  package var settings: Settings
  /// Somebody sits at a terminal and can answer questions.
  package var interactive: Bool

  package init(_ work: Work, target: Target?, settings: Settings, interactive: Bool) {
    self.work = work
    self.target = target
    self.settings = settings
    self.interactive = interactive
  }
}

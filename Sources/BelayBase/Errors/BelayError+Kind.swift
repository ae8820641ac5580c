extension BelayError {
  /// Why something failed: what decisions are made by. Its raw value is part of the event stream and of journals.
  package enum Kind: String, Codable, Sendable, CaseIterable {
    /// The command, or belay.yaml, asks for something that makes no sense.
    case usage
    /// No such archive, run, table, target, file or driver.
    case notFound
    /// Another run holds this target, or an unfinished one waits for `belay recover`.
    case locked
    /// A code to type was needed and not given, or was wrong. Nothing was changed.
    case wrongCode
    /// An archive is encrypted, and no key was given, or none that opens it. Nothing was changed.
    case wrongKey
    /// Somebody else changed the database after the plan was made. Nothing was changed by this run.
    case changedMeanwhile
    /// A person said no. Nothing was changed.
    case declined
    /// A condition for the work is not met: preflight, a right, a file of the wrong form.
    case refused
    /// The database cannot be opened.
    case cannotOpen
    /// The disk, the network, a lock or the driver stopped the work.
    case failed
    /// No archive was made.
    case backupFailed
    /// The archive does not hold what it should.
    case verificationFailed
    /// The archive is whole, but the engine refuses what its own dump of the database says.
    case dumpRefused
    /// A statement of the change failed.
    case migrationFailed
    /// A check or the contract failed.
    case checkFailed
    /// A later step of the change failed, and what was committed before it stays by choice.
    case stopped
    /// Whether a change was committed cannot be found out now.
    case outcomeUnknown
    /// The database was not put back completely.
    case notRolledBack
    /// SIGINT or SIGHUP.
    case interrupted
    /// SIGTERM.
    case terminated

    /// The run stays open for `belay recover`.
    package var leavesRunOpen: Bool { self == .notRolledBack || self == .outcomeUnknown }
  }
}

extension ExitStatus {
  /// The one table from causes to exit statuses.
  package init(_ kind: BelayError.Kind) {
    self =
      switch kind {
      case .usage: .usage
      case .notFound: .notFound
      case .locked: .locked
      case .wrongCode, .wrongKey, .changedMeanwhile: .wrongCode
      case .declined, .failed: .failed
      case .refused, .cannotOpen: .refused
      case .backupFailed: .backupFailed
      case .verificationFailed, .dumpRefused: .verificationFailed
      case .migrationFailed: .migrationFailed
      case .checkFailed: .checkFailed
      case .stopped: .stopped
      case .outcomeUnknown, .notRolledBack: .notRolledBack
      case .interrupted: .interrupted
      case .terminated: .terminated
      }
  }
}

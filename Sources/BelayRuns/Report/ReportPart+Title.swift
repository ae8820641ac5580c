extension ReportPart {
  /// The heading of a part: belay's words, and a value behind them.
  var title: (words: String, value: String) {
    switch self {
    case .preflight: ("Preflight", "")
    case .plan: ("Plan", "")
    case .files: ("Files", "")
    case .audit: ("Audit", "")
    case .backup: ("Backup", "")
    case .verification: ("Verification", "")
    case .rehearsal(_, let standIn): ("Rehearsal", standIn)
    case .notRehearsed: ("Rehearsal", "")
    case .change: ("Changes", "")
    case .validations: ("Validation", "")
    case .unchanged: ("Unchanged tables", "")
    case .spotChecks: ("Spot checks", "")
    case .hooks: ("Hooks", "")
    case .engineMessages(_, let inRehearsal):
      ("Messages from the engine" + (inRehearsal ? " in the rehearsal" : ""), "")
    case .writtenByOthers: ("Written by others", "")
    case .sessionsEnded: ("Sessions ended", "")
    case .losses: ("What the rollback undoes", "")
    case .saved: ("Where the rows of others are", "")
    case .rewind: ("The engine's own rewind", "")
    case .previousDatabases: ("Previous database", "")
    case .proof: ("Proof", "")
    }
  }
}

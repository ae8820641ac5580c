/// The optional extensions of the ABI, by id. The comment of each names the kit's protocol for it.
public enum DriverExtension: String, Sendable, CaseIterable {
  /// `ScriptSplitting`.
  case script = "belay.script/1"
  /// `Snapshotting`.
  case snapshot = "belay.snapshot/1"
  /// `RowTransferring`.
  case rows = "belay.rows/1"
  /// `TokenSharing`.
  case token = "belay.token/1"
  /// `ScratchMaking`.
  case scratch = "belay.scratch/1"
  /// `Rewinding`.
  case rewind = "belay.rewind/1"
  /// `AtomicRunning`.
  case atomic = "belay.atomic/1"
  /// `Locking`.
  case lock = "belay.lock/1"
  /// `SessionListing`.
  case sessions = "belay.sessions/1"
  /// `Explaining`.
  case explain = "belay.explain/1"
  /// `Linting`.
  case lint = "belay.lint/1"
  /// `IntegrityChecking`.
  case integrity = "belay.integrity/1"
  /// `PreflightChecking`.
  case preflight = "belay.preflight/1"
  /// `FootprintReading`.
  case footprint = "belay.draft.footprint/2"
  /// `SessionResetting`.
  case reset = "belay.draft.reset/1"
  /// `SurroundingsReading`.
  case surroundings = "belay.draft.surroundings/1"
  /// `ArchivedRunning`.
  case archived = "belay.draft.archived/1"

  /// The id without the common prefix and the version: "script".
  package var name: String { "\(self)" }
}

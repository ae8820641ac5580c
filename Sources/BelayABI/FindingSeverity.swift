/// How bad a finding is.
public enum FindingSeverity: String, Sendable {
  /// The migration or the run must not begin in this state.
  case error
  /// It may begin, but the reader should know this.
  case warning
  /// Worth knowing.
  case note
}

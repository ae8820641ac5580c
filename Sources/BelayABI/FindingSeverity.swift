/// How bad a finding is.
public enum FindingSeverity: String, Sendable {
  /// The migration or the run must not begin as it stands.
  case error
  /// It may, and the reader should know.
  case warning
  /// Worth knowing.
  case note
}

import BelayDriverKit

/// Turns the error of a program of PostgreSQL's into belay's failure.
enum ToolFailure {
  /// Of a program that works with a database.
  static func describe(_ child: ChildProcess, _ ending: ChildProcess.Ending) -> DriverFailure {
    guard let error = child.complaint.error else { return silent(child, ending) }
    var failure = DriverFailure(
      error.sqlState.isEmpty ? code(of: error.message) : ServerFailure.code(of: error.sqlState),
      "\(child.name): \(error.message)", hint: error.hint, sqlState: error.sqlState)
    if failure.code == .cancelled { failure.code = .timeout }
    if failure.hint.isEmpty { failure.hint = hint(for: error.message) }
    return failure
  }

  /// For pg_restore when it only reads a dump: whatever its error is, the dump is the cause.
  static func ofReading(_ child: ChildProcess, _ ending: ChildProcess.Ending) -> DriverFailure {
    guard case .exited = ending, let error = child.complaint.error else { return silent(child, ending) }
    if error.message.contains("No space left") { return describe(child, ending) }
    return DriverFailure(.corrupt, "the dump is damaged: \(child.name): \(error.message)", hint: error.hint)
  }

  private static func silent(_ child: ChildProcess, _ ending: ChildProcess.Ending) -> DriverFailure {
    switch ending {
    case .exited(let status): DriverFailure(.io, "\(child.name) exited with status \(status) and no error message")
    case .killed(let signal):
      DriverFailure(
        .io, "\(child.name) was killed by signal \(signal)",
        hint: signal == 9 ? "the system may have run out of memory" : "")
    }
  }

  /// pg_dump and pg_restore report no SQLSTATE.
  private static func code(of message: String) -> DriverFailure.Code {
    func says(_ words: String...) -> Bool { words.contains { message.contains($0) } }
    if says("permission denied", "must be owner", "must be superuser", "row-level security") { return .denied }
    if says("version mismatch") { return .unsupported }
    if says("invalid snapshot identifier") { return .invalid }
    if says("lock timeout", "deadlock detected") { return .busy }
    if says("connection", "PQgetCopyData() failed", "PQgetResult() failed", "No space left", "could not write") {
      return .io
    }
    return .sql
  }

  private static func hint(for message: String) -> String {
    if message.contains("row-level security") {
      return "policies would leave rows out of the dump: use a role with BYPASSRLS, or the tables' owner"
    }
    return ""
  }
}

import BelayDriverKit
import CSQLite

/// An entry of a schema that this library does not understand, because a newer one has written it.
package struct UnknownEntry: Sendable, Equatable {
  package let name: String
  /// In SQLite's words.
  package let reason: String

  /// nil: the schema is damaged, or the failure is about something else.
  init?(_ failure: DriverFailure) {
    // malformed database schema (v) - near "ORDER": syntax error
    guard let start = failure.message.firstRange(of: "malformed database schema (")?.upperBound,
      let end = failure.message[start...].firstRange(of: ") - ")
    else { return nil }
    name = String(failure.message[start..<end.lowerBound])
    reason = String(failure.message[end.upperBound...])
    let beginnings = [
      "near \"", "unrecognized token", "unknown table option", "unknown datatype", "unknown or unsupported",
    ]
    guard beginnings.contains(where: reason.hasPrefix) else { return nil }
  }
}

extension Database {
  /// Makes SQLite read the schema. An entry that it does not understand is left out; the others can be used.
  /// - Returns: how many entries there are.
  @discardableResult
  package func loadSchema() throws(DriverFailure) -> Int64 {
    let count = "SELECT count(*) FROM sqlite_schema"
    do throws(DriverFailure) {
      return try integer(count)
    } catch {
      guard let unknown = UnknownEntry(error) else { throw error }
      unknownEntry = unknown
      // The one setting under which SQLite goes on; nothing is written by it.
      try run("PRAGMA writable_schema=ON")
      return try integer(count)
    }
  }

  /// The same, if the next read reports any other failure.
  package func loadSchemaIfPossible() {
    do throws(DriverFailure) { try loadSchema() } catch { watch.log(.debug, error.message) }
  }
}

import BelayDriverKit
import CPostgreSQL

/// The settings under which rows and definitions are read, so that their text is lossless, and equal on every
/// connection and in every copy, whatever the role, the database or a migration has set.
///
/// Migrations must not run under them: the time zone and the order of a date's parts affect what their statements mean.
/// So they are set before something is read, and the former ones are restored before something is executed.
struct ReadingShape {
  /// The session's own values of the settings that differed.
  let former: [(name: String, value: String)]
  /// Set for the open transaction only.
  let isLocal: Bool

  /// In the order in which they are set. DateStyle keeps the order of a date's parts, which its output does not show.
  private static func settings(_ link: Link) -> [(String, String)] {
    [("client_encoding", link.textEncoding)] + fixedSettings
  }

  private static let fixedSettings = [
    ("DateStyle", "ISO"), ("IntervalStyle", "postgres"), ("TimeZone", "UTC"),
    ("extra_float_digits", "1"), ("bytea_output", "hex"), ("lc_monetary", "C"), ("xmloption", "content"),
    ("row_security", "off"),
  ]

  /// Sets them all with one query.
  init(_ link: Link, _ operation: Operation) throws(DriverFailure) {
    let isLocal = link.isInTransaction
    self.isLocal = isLocal
    let settings = Self.settings(link)
    let asked = settings.map { "pg_catalog.current_setting('\($0.0)')" }
    let set = settings.map { "pg_catalog.set_config('\($0.0)', '\($0.1)', \(isLocal))" }
    let reply = try link.run("SELECT " + (asked + set).joined(separator: ", "), operation: operation)
    let values = reply.rows.first ?? []
    former = settings.indices.compactMap { index in
      guard index < values.count, let value = values[index], value != values[index + settings.count] else {
        return nil
      }
      return (settings[index].0, value)
    }
  }

  /// The statement that restores the session's own settings; nil if nothing differed.
  var restoring: String? {
    guard !former.isEmpty else { return nil }
    return "SELECT "
      + former.map { "pg_catalog.set_config('\($0.name)', \(SQLLiteral.quoted($0.value)), \(isLocal))" }
      .joined(separator: ", ")
  }
}

extension PostgreSQLConnection {
  /// Call this before rows, definitions or plans are read.
  func shapeForReading(_ operation: Operation) throws(DriverFailure) {
    if let shape {
      // Settings of the transaction have ended with it.
      if !shape.isLocal || !link.isIdle { return }
      self.shape = nil
    }
    // In a failed transaction nothing can be set: the next query fails for the same reason.
    if link.isIdle || link.isInTransaction { shape = try ReadingShape(link, operation) }
  }

  /// Call this before a statement of the user is executed.
  func shapeForExecuting(_ operation: Operation) throws(DriverFailure) {
    guard let shape else { return }
    // Only a rollback is possible now, and it restores what the transaction has set.
    if !link.isInFailedTransaction, !(shape.isLocal && link.isIdle), let restoring = shape.restoring {
      try link.run(restoring, operation: operation)
    }
    self.shape = nil
  }
}

extension Link {
  /// What text is asked for in. A database that is SQL_ASCII holds bytes of which nobody knows what they are: as UTF-8 the
  /// server would refuse those that are none.
  var textEncoding: String { reported("server_encoding") == "SQL_ASCII" ? "SQL_ASCII" : "UTF8" }
}

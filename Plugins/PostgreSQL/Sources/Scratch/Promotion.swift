import BelayDriverKit
import CPostgreSQL
import Glibc

/// Replaces the target with a scratch database: both are renamed in one transaction, from a third database.
///
/// The first rename locks the target's name, so nobody can connect any more; it waits until the existing sessions have
/// ended, and a second connection ends them meanwhile. Whatever fails before the COMMIT, the server rolls back.
struct Promotion {
  private let connection: PostgreSQLConnection
  private let operation: Operation
  private let target: String
  private let scratch: String
  private let targetNumber: String
  private let scratchNumber: String
  /// The scratch database has no owner, privileges and settings of its own yet.
  private let isUnadorned: Bool
  /// Its comment still says that it is a scratch database.
  private let isMarked: Bool
  /// Renames.
  private let admin: Link
  /// Ends sessions meanwhile.
  private var ender: Link

  init(
    _ connection: PostgreSQLConnection, target: String, scratch: String, _ operation: Operation
  ) throws(DriverFailure) {
    self.connection = connection
    self.operation = operation
    self.target = target
    self.scratch = scratch
    admin = try connection.connectForMaintenance(operation)
    ender = try connection.connectForMaintenance(operation)
    let reply = try admin.run(
      """
      SELECT datname, oid, datallowconn, coalesce(pg_catalog.shobj_description(oid, 'pg_database'), ''),
        datconnlimit
      FROM pg_catalog.pg_database
      """, operation: operation)
    func row(_ name: String) throws(DriverFailure) -> [String?] {
      guard let row = reply.rows.first(where: { $0[0] == name }) else {
        throw DriverFailure(.notFound, "there is no database \(name)")
      }
      return row
    }
    let (there, here) = (try row(target), try row(scratch))
    guard there[2] == "t" else {
      throw DriverFailure(
        .denied, "database \(target) allows no connections, so it could not be opened again afterwards",
        hint: "type in psql: ALTER DATABASE \(SQLQuote.name(target)) ALLOW_CONNECTIONS true;")
    }
    targetNumber = there[1] ?? "0"
    scratchNumber = here[1] ?? "0"
    isMarked = (here[3] ?? "").hasPrefix(ScratchCreation.comment)
    isUnadorned = here[4] == "\(ScratchCreation.unadornedLimit)"
  }

  // MARK: Obstacles

  /// Refuses if something would be detached from the database that it belongs to, or if a session cannot be ended.
  func check() throws(DriverFailure) {
    let names = "(\(SQLLiteral.quoted(target)), \(SQLLiteral.quoted(scratch)))"
    let prepared = try list(
      "SELECT DISTINCT gid, database FROM pg_catalog.pg_prepared_xacts WHERE database IN \(names) ORDER BY 1")
    if let first = prepared.first {
      throw DriverFailure(
        .busy, "database \(target) has prepared transactions that have not ended: \(prepared.joined(separator: ", "))",
        hint: "type in psql, in that database: COMMIT PREPARED or ROLLBACK PREPARED \(SQLLiteral.quoted(first));")
    }
    let slots = try list(
      "SELECT slot_name FROM pg_catalog.pg_replication_slots WHERE database IN \(names) ORDER BY 1")
    if let first = slots.first {
      throw DriverFailure(
        .unsupported,
        "database \(target) has logical replication slots, which would stay with the database that is replaced: "
          + slots.joined(separator: ", "),
        hint: "stop their readers, then type in psql: SELECT pg_drop_replication_slot(\(SQLLiteral.quoted(first)));")
    }
    let subscriptions = try list(
      """
      SELECT subname FROM pg_catalog.pg_subscription WHERE subdbid IN (\(targetNumber), \(scratchNumber)) AND
        (subdbid = \(targetNumber) OR subenabled) ORDER BY 1
      """)
    if let first = subscriptions.first {
      throw DriverFailure(
        .unsupported,
        "database \(target) has subscriptions, which would stay with the database that is replaced: "
          + subscriptions.joined(separator: ", "),
        hint: "type in psql, in that database: DROP SUBSCRIPTION \(SQLQuote.name(first));")
    }
    let untouchable = try sessions.described(onlyUntouchable: true, operation)
    guard untouchable.isEmpty else {
      throw DriverFailure(
        .busy, "some sessions must end first, and this role may not end them: \(untouchable.joined(separator: ", "))",
        hint: "end them as a superuser, or wait until they have gone")
    }
  }

  private func list(_ sql: String) throws(DriverFailure) -> [String] {
    try admin.run(sql, operation: operation).rows.compactMap { $0.first ?? nil }
  }

  private var sessions: DatabaseSessions { DatabaseSessions(in: [targetNumber, scratchNumber], ender) }

  // MARK: The swap

  /// The connection's own sessions must have ended.
  mutating func swap() throws(DriverFailure) {
    defer {
      admin.close()
      ender.close()
    }
    try endSessions()
    do throws(DriverFailure) {
      try admin.run("BEGIN", operation: operation)
      for statement in try carried() { try admin.run(statement, operation: operation) }
      // Nobody sees this name: it exists only within the transaction.
      let between = "belay swapping \(targetNumber) \(scratchNumber)"
      try rename(target, to: between)
      try rename(scratch, to: target)
      try rename(between, to: scratch)
    } catch {
      throw try undone(error)
    }
    do throws(DriverFailure) {
      try admin.run("COMMIT", operation: operation)
    } catch {
      guard let failure = settled(error) else { return }
      throw failure
    }
  }

  /// The statements that give the scratch database the properties that it lacks: all of them, or only the removal of
  /// the comment that marks it.
  private func carried() throws(DriverFailure) -> [String] {
    let properties = DatabaseProperties(of: target, admin, operation)
    if isUnadorned { return try properties.all(for: scratch) }
    return (isMarked ? ["COMMENT ON DATABASE \(SQLQuote.name(scratch)) IS NULL"] : [])
      + (try properties.outsideCatalog(for: scratch))
  }

  /// Most sessions end within milliseconds. Clients that keep reconnecting are kept out by the first rename.
  private mutating func endSessions() throws(DriverFailure) {
    for _ in 0..<40 {
      if try sessions.end(operation) == 0 { return }
      usleep(5000)
    }
  }

  private mutating func rename(_ name: String, to other: String) throws(DriverFailure) {
    let sql =
      "ALTER DATABASE \(SQLQuote.name(name)) RENAME TO \(SQLQuote.name(other))"
    try admin.begin(sql, operation)
    defer { admin.end() }
    try admin.send(sql)
    while PQisBusy(admin.handle) == 1 {
      admin.pause()
      if PQconsumeInput(admin.handle) == 0 { break }
      if PQisBusy(admin.handle) == 1 { try endSessionsMeanwhile() }
    }
    try admin.eachResult { _ in }
  }

  private mutating func endSessionsMeanwhile() throws(DriverFailure) {
    do throws(DriverFailure) {
      _ = try sessions.end(operation)
    } catch {
      admin.abandon()
      throw error
    }
  }

  /// The transaction has failed, and is rolled back.
  private func undone(_ error: DriverFailure) throws(DriverFailure) -> DriverFailure {
    var failure = error
    failure.outcome = .notApplied
    if admin.isLost { return failure }
    do throws(DriverFailure) {
      try admin.tidy("ROLLBACK")
    } catch {
      // The session has ended meanwhile, and its transaction with it.
    }
    guard failure.sqlState == "55006" else { return failure }
    let there = try sessions.described(onlyUntouchable: false, operation)
    failure.message =
      "sessions in database \(target) or its scratch copy do not end"
      + (there.isEmpty ? "" : ": \(there.joined(separator: ", "))")
    failure.hint = "end them, or keep them from connecting, then try again"
    return failure
  }

  /// The reply to COMMIT did not arrive: checks what the server has done.
  /// - Returns: nil if the databases were swapped.
  private func settled(_ error: DriverFailure) -> DriverFailure? {
    var failure = error
    if !admin.isLost {
      failure.outcome = .notApplied
      return failure
    }
    do throws(DriverFailure) {
      let server = try connection.connectForMaintenance(operation)
      defer { server.close() }
      // As long as the session exists, it may still commit.
      var isGone = false
      for _ in 0..<100 where !isGone {
        let session = "SELECT FROM pg_catalog.pg_stat_activity WHERE pid = \(PQbackendPID(admin.handle))"
        isGone = try server.run(session, operation: operation).rows.isEmpty
        if !isGone { usleep(50_000) }
      }
      guard isGone else { return failure }
      let name = SQLLiteral.quoted(target)
      let found = try server.run("SELECT oid FROM pg_catalog.pg_database WHERE datname = \(name)", operation: operation)
      if found.value == scratchNumber { return nil }
      if found.value == targetNumber { failure.outcome = .notApplied }
      return failure
    } catch {
      // The outcome stays unknown, as the failure says.
      return failure
    }
  }
}

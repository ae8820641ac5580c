import BelayBase
import BelayDatabase
import BelayDrivers
import Foundation

/// A tool's own lock in PostgreSQL: an advisory lock of a session. While belay holds it, the tool waits or fails, as it does
/// where another instance of it is at work.
struct ToolLock: ChangeLock {
  let tool: MigrationTool
  let key: Int64

  /// nil: the tool has none here.
  init?(
    of tool: any AdoptedTool, _ table: LedgerTable, on connection: Connection, context: RunContext
  ) throws(BelayError) {
    guard table.engine == .postgresql else { return nil }
    let database: String
    do {
      database =
        try connection.values("SELECT current_database()", operation: context.stoppable()).first?.first?.asText
        ?? ""
    } catch {
      throw BelayError(
        error, doing: "cannot tell the database's name", kind: .refused, state: "the database is untouched")
    }
    guard let key = tool.lockKey(table, database: database) else { return nil }
    self.tool = tool.tool
    self.key = key
  }

  private static let pause: useconds_t = 200_000

  /// By trying over and over: a session that waits for a lock would be in the way of statements that wait for all sessions.
  func take(on connection: Connection, context: RunContext) throws(BelayError) {
    let end = ContinuousClock.now + .seconds(context.settings.migrations.lockTimeoutSeconds)
    var isTold = false
    while true {
      try context.checkCancelled()
      if try ask("SELECT pg_try_advisory_lock(\(key))", connection, context).first?.first?.isTrue == true { return }
      let holder = try holder(connection, context)
      if ContinuousClock.now >= end { throw held(by: holder, context) }
      if !isTold { context.log(.notice, "waiting for \(tool.name)'s lock: \(holder.words) holds it") }
      isTold = true
      usleep(Self.pause)
    }
  }

  private struct Holder {
    /// nil: it has let go meanwhile, or may not be seen.
    var process: String?
    var words = "a session that is not there any more"
  }

  private func holder(_ connection: Connection, _ context: RunContext) throws(BelayError) -> Holder {
    let rows = try ask(
      """
      SELECT a.pid, a.usename, a.application_name, coalesce(host(a.client_addr), ''), a.state, \
      to_char(a.backend_start AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') \
      FROM pg_catalog.pg_locks l JOIN pg_catalog.pg_stat_activity a ON a.pid = l.pid \
      WHERE l.locktype = 'advisory' AND l.granted AND l.objsubid = 1 \
      AND ((l.classid::bigint << 32) | l.objid::bigint) = \(key) \
      AND l.database = (SELECT d.oid FROM pg_catalog.pg_database d WHERE d.datname = current_database())
      """, connection, context)
    guard let row = rows.first?.map(\.asText), row.count == 6 else { return Holder() }
    let parts = ["role \(row[1])"] + (row[2].isEmpty ? [] : [row[2]]) + (row[3].isEmpty ? [] : ["from \(row[3])"])
    return Holder(
      process: row[0],
      words: "session \(row[0]) (\(parts.joined(separator: ", ")), connected since \(row[5])"
        + (row[4].isEmpty ? "" : ", \(row[4])") + ")")
  }

  private func held(by holder: Holder, _ context: RunContext) -> BelayError {
    let end = holder.process.map { "; if it hangs, end it with `SELECT pg_terminate_backend(\($0))`" } ?? ""
    return BelayError(
      .locked, "\(tool.name) is at work on this database: \(holder.words) holds its lock",
      hint: "wait until it has ended, or for longer with `lock_timeout` in belay.yaml (now "
        + "\(DurationText.text(context.settings.migrations.lockTimeoutSeconds)))\(end)")
  }

  private func ask(
    _ sql: String, _ connection: Connection, _ context: RunContext
  ) throws(BelayError) -> [[Value]] {
    do {
      return try connection.values(sql, operation: context.stoppable())
    } catch {
      throw BelayError(error, doing: "cannot take \(tool.name)'s lock", kind: .refused)
    }
  }
}

extension Value {
  fileprivate var isTrue: Bool { integer.map { $0 != 0 } ?? ["t", "true"].contains(asText.lowercased()) }
}

/// The keys of the tools' locks.
enum ToolLockKey {
  /// golang-migrate: the names with zero bytes between them, times a number of Rails'.
  static func golangMigrate(schema: String, table: String, database: String) -> Int64 {
    Int64(CRC32.of([schema, table, database].joined(separator: "\0").utf8) &* 1_486_364_155)
  }

  /// Flyway: its own name as a number, and Java's hash of the table's.
  static func flyway(schema: String, table: String) -> Int64 {
    let name = "\"\(schema)\".\"\(table)\""
    let hash = name.utf16.reduce(Int32(0)) { $0 &* 31 &+ Int32($1) }
    return 77_431_708_279_161 + Int64(hash)
  }

  /// SQLx, of the database's name alone.
  static func sqlx(database: String) -> Int64 { 0x3d32_ad9e * Int64(CRC32.of(database.utf8)) }
}

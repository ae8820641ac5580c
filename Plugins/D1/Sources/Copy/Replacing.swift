import BelayDriverKit
import Glibc
import SQLiteDialect

/// Makes a database equal to a copy, with one import. D1 has no transaction for that: if it fails halfway, Time Travel
/// returns the database to the moment before.
struct Replacing {
  let connection: D1Connection
  let copy: LocalCopy

  func run() throws(DriverFailure) {
    try connection.refuseReadOnly()
    let script = try CopyScript(copy.database, watch: connection.watch)
    let drops = try drops(of: RemoteSchema.read(connection))
    let before = try connection.currentBookmark()
    do throws(DriverFailure) {
      try connection.runFile(opening: ["PRAGMA foreign_keys=OFF"]) { (write) throws(DriverFailure) in
        for statement in drops { try write(statement) }
        try script.write(write)
      }
      try check(script)
    } catch {
      guard error.outcome != .notApplied else { throw error }
      throw goBack(to: before, after: error)
    }
  }

  /// Referencing tables are dropped first: dropping a table deletes its rows, and that cascades.
  private func drops(of present: RemoteSchema) throws(DriverFailure) -> [String] {
    let entries = present.entries
    var drops = entries.filter { $0.type == "trigger" }.map { "DROP TRIGGER IF EXISTS \(SQLQuote.name($0.name))" }
    drops += entries.filter { $0.type == "view" }.map { "DROP VIEW IF EXISTS \(SQLQuote.name($0.name))" }
    guard entries.contains(where: { $0.type == "table" }) else { return drops }
    let local = try connection.schema(fresh: false)
    let schema = try Schema(of: local)
    let tables = entries.filter {
      $0.type == "table" && !$0.isInternal && schema.tables[$0.name]?.form != .shadow
    }.map(\.name)
    drops += try ReferenceOrder.sorted(tables, in: local).reversed().map { "DROP TABLE IF EXISTS \(SQLQuote.name($0))" }
    if entries.contains(where: { $0.name.lowercased() == "sqlite_sequence" }) {
      drops.append("DELETE FROM sqlite_sequence")
    }
    return drops
  }

  /// D1 has reported that the import succeeded; the row counts show that it is complete.
  private func check(_ script: CopyScript) throws(DriverFailure) {
    let counts = try script.counts()
    for start in stride(from: 0, to: counts.count, by: 50) {
      let part = counts[start..<min(start + 50, counts.count)]
      let columns = part.map { "(SELECT count(*) FROM \(SQLQuote.name($0.table)))" }.joined(separator: ",")
      var answer: [JSONCell]
      do throws(DriverFailure) {
        answer = try connection.ask("SELECT \(columns)").first ?? []
      } catch {
        var failure = error
        failure.outcome = .applied
        throw failure
      }
      for (found, expected) in zip(answer, part) where found.number != expected.rows {
        throw DriverFailure(
          .io, "the table \(expected.table) has \(found.number) rows after the import, not \(expected.rows)",
          outcome: .partial)
      }
    }
  }

  private func goBack(to bookmark: String, after failure: DriverFailure) -> DriverFailure {
    var failure = failure
    guard let remote = connection.engine as? RemoteDatabase else { return failure }
    // D1 cancels an abandoned import after 15 seconds without a poll, and blocks the database until then.
    let deadline = monotonicMilliseconds() + max(connection.settings.wire.settleMilliseconds, 2000)
    while true {
      do throws(CallFailure) {
        _ = try remote.travel(to: bookmark, shielded: true)
        connection.renewLocksAfterTravel()
        failure.outcome = .notApplied
        failure.message += "; Time Travel has returned the database to its previous state"
        return failure
      } catch {
        guard monotonicMilliseconds() < deadline, error.isTransient else {
          failure.hint = "restore it by hand: wrangler d1 time-travel restore \(connection.name) --bookmark=\(bookmark)"
          return failure
        }
        usleep(200_000)
      }
    }
  }
}

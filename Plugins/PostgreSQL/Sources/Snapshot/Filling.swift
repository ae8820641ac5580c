import BelayDriverKit
import CPostgreSQL

/// Loads a dump into a database that holds nothing of it.
struct Filling {
  let launcher: ToolLauncher
  let link: Link
  /// The dump.
  let path: String
  /// What of it is loaded.
  let list: DumpList
  let folder: String
  let operation: Operation

  /// With several connections at once, which is fast. The order of what does not depend on each other is then by chance.
  func inParallel() throws(DriverFailure) {
    try load(try withLargeObjects(list.withoutEventTriggers), ["--jobs=2", "--exit-on-error"])
    try load(list.eventTriggers, ["--exit-on-error"])
  }

  /// One after the other, and rows again as long as that helps: a check may read another table, which no dump can know.
  func inOrder() throws(DriverFailure) {
    let main = try withLargeObjects(list.withoutEventTriggers)
    try load(main, ["--section=pre-data", "--exit-on-error"])
    try loadRows(main.rows)
    try load(main.withoutRows, ["--section=data", "--exit-on-error"])
    try load(main, ["--section=post-data", "--exit-on-error"])
    try load(list.eventTriggers, ["--exit-on-error"])
  }

  /// Makes the large objects.
  /// - Returns: what is left to load.
  private func withLargeObjects(_ list: DumpList) throws(DriverFailure) -> DumpList {
    let roles = try link.run("SELECT rolname FROM pg_catalog.pg_roles", operation: operation).rows.compactMap { $0[0] }
    let objects = DumpedLargeObjects(list, roles: Set(roles))
    try objects.create(link, operation)
    return objects.rest
  }

  private func loadRows(_ rows: DumpList) throws(DriverFailure) {
    var missing = rows
    while true {
      do throws(DriverFailure) {
        try load(missing, ["--section=data"])
        return
      } catch {
        try operation.check()
        if link.isLost { throw error }
        let before = missing.lines.count
        // A table gets all of its rows or none.
        let empty = try emptyTables()
        missing = missing.filter { empty.contains(String(DumpList.entry($0))) }
        guard missing.lines.count < before else { throw error }
      }
    }
  }

  /// As pg_restore lists their rows.
  private func emptyTables() throws(DriverFailure) -> Set<String> {
    let tables = try link.run(
      """
      SELECT pg_catalog.format('TABLE DATA %s %s %s', n.nspname, c.relname, pg_catalog.pg_get_userbyid(c.relowner)),
        pg_catalog.format('SELECT %s WHERE NOT EXISTS (SELECT FROM ONLY %I.%I)', pg_catalog.row_number() OVER (),
          n.nspname, c.relname)
      FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      WHERE c.relkind = 'r' AND c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      """, operation: operation
    ).rows
    var empty: Set<String> = []
    for start in stride(from: 0, to: tables.count, by: 500) {
      let part = tables[start..<min(start + 500, tables.count)]
      let question = part.compactMap { $0[1] }.joined(separator: " UNION ALL ")
      for row in try link.run(question, operation: operation).rows {
        if let number = row[0].flatMap({ Int($0) }), let name = tables[number - 1][0] { empty.insert(name) }
      }
    }
    return empty
  }

  private func load(_ list: DumpList, _ arguments: [String]) throws(DriverFailure) {
    if list.isEmpty { return }
    let chosen = try PrivateFile(in: folder, prefix: "belay-list")
    defer { withExtendedLifetime(chosen) {} }
    try chosen.write(list.text)
    let child = try launcher.startConnected("pg_restore", arguments + ["--use-list=\(chosen.path)", path])
    defer { child.end() }
    let ending = try child.finish()
    guard ending == .exited(0) else { throw failure(child, ending) }
  }

  /// pg_restore tells the server's words, in the server's language, and no SQLSTATE: the server is asked for it again.
  private func failure(_ child: ChildProcess, _ ending: ChildProcess.Ending) -> DriverFailure {
    var failure = ToolFailure.describe(child, ending)
    guard failure.sqlState.isEmpty, let command = child.complaint.command, !link.isLost,
      let again = refusal(of: command)
    else { return failure }
    (failure.code, failure.sqlState) = (again.code, again.sqlState)
    if failure.hint.isEmpty { failure.hint = again.hint }
    return failure
  }

  /// What the server says to a statement that it has refused; nil where it takes it now.
  private func refusal(of command: String) -> DriverFailure? {
    do throws(DriverFailure) {
      try link.tidy("BEGIN")
      try link.tidy(
        """
        SET LOCAL search_path = ''; SET LOCAL check_function_bodies = off; SET LOCAL statement_timeout = '10s';
        SET LOCAL row_security = off; SET LOCAL client_min_messages = error
        """)
      try link.tidy(command)
      try link.tidy("ROLLBACK")
      return nil
    } catch {
      // Whatever it was, the transaction ends.
      if !link.isLost { do throws(DriverFailure) { try link.tidy("ROLLBACK") } catch {} }
      return error
    }
  }
}

extension DriverFailure {
  /// Loaded in another order, it may not come again.
  var mayBeOfOrder: Bool {
    switch code {
    case .sql, .constraint: true
    case .busy: sqlState == "40P01" || message.contains("deadlock")
    default: false
    }
  }
}

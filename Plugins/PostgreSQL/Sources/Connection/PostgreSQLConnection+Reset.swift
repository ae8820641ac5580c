import BelayDriverKit
import CPostgreSQL

/// What one file has set for its session ends with the file, as it does where each has a psql of its own.
extension PostgreSQLConnection: SessionResetting {
  /// DISCARD ALL does this outside a transaction only, and would undo what belay has set for itself.
  func resetSession(operation: Operation) throws(DriverFailure) {
    guard !link.isInFailedTransaction else {
      throw DriverFailure(.sql, "the transaction has failed: only a rollback is possible", sqlState: "25P02")
    }
    try namingHolders(operation) { () throws(DriverFailure) in
      // By itself, since a statement's time is measured by what was set before it.
      try link.run("SET statement_timeout = 0", operation: operation)
      if link.isInTransaction { try settleConstraints(operation) }
      // What reading had shaped goes too.
      shape = nil
      try link.run(
        """
        RESET SESSION AUTHORIZATION; RESET ROLE; CLOSE ALL; RESET ALL; \(link.opening); UNLISTEN *;
        DISCARD SEQUENCES; DISCARD TEMP
        """, operation: operation)
      // Those of PREPARE: belay keeps its own.
      let prepared = try link.run(
        """
        SELECT pg_catalog.string_agg(pg_catalog.format('DEALLOCATE %I', name), '; ')
        FROM pg_catalog.pg_prepared_statements WHERE from_sql
        """, operation: operation)
      if let statements = prepared.value { try link.run(statements, operation: operation) }
    }
  }

  /// SET CONSTRAINTS lasts until the transaction ends, and a file's deferred checks run where psql would commit, in the
  /// session that the file has made. By name: ALL would also hold for constraints that a later file makes.
  private func settleConstraints(_ operation: Operation) throws(DriverFailure) {
    let reply = try link.run(Self.deferrable, operation: operation)
    guard let names = reply.rows.first, names.count == 2 else { return }
    if let all = names[0] { try link.run("SET CONSTRAINTS \(all) IMMEDIATE", operation: operation) }
    if let deferred = names[1] { try link.run("SET CONSTRAINTS \(deferred) DEFERRED", operation: operation) }
  }

  /// Names are not the constraints' own: of those that share one, none may be told to wait that cannot. Whatever search
  /// path the file has set, these operators are the server's.
  private static let deferrable = """
    SELECT pg_catalog.string_agg(k.name, ', '), pg_catalog.string_agg(k.name, ', ') FILTER (WHERE k.deferred)
    FROM (SELECT pg_catalog.format('%I.%I', n.nspname, c.conname) AS name,
        pg_catalog.bool_and(c.condeferred) AS deferred, pg_catalog.bool_or(c.condeferrable) AS deferrable
      FROM pg_catalog.pg_constraint c
        JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) c.connamespace
      WHERE c.contype OPERATOR(pg_catalog.<>) 'n' GROUP BY 1) k
    WHERE k.deferrable
    """

  var seam: String { "DISCARD ALL" }

  /// A table that is not found by its name, and is there all the same, may be the ledger, or another's: neither a second
  /// one nor another's rows are for belay to choose.
  func place(of table: String, operation: Operation) throws(DriverFailure) -> String {
    let reply = try link.run(
      """
      SELECT n.nspname, pg_catalog.pg_table_is_visible(c.oid), pg_catalog.current_schema(),
        pg_catalog.current_setting('search_path')
      FROM (SELECT) one LEFT JOIN (pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
        AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema')
        ON c.relname = $1 AND c.relkind IN ('r', 'p', 'f', 'v')
      ORDER BY n.nspname <> 'public', n.nspname
      """, [table], operation: operation)
    let found = reply.rows.compactMap { row in row[0].map { (schema: $0, isVisible: row[1] == "t") } }
    if let visible = found.first(where: \.isVisible) { return visible.schema }
    let current = reply.rows.first?[2]
    guard let first = found.first else { return current ?? "public" }
    // Where the session looks into no schema at all, its table is elsewhere of necessity.
    if current == nil, found.count == 1 || first.schema == "public" { return first.schema }
    let schemas = found.map(\.schema).joined(separator: ", ")
    let name = SQLQuote.name(table)
    throw DriverFailure(
      .invalid,
      "table \(table) is in schema \(schemas), which is not in the search path (\(reply.rows.first?[3] ?? ""))",
      hint: current.map {
        "if that is the one, put its schema into the URL: ?options=-csearch_path%3D\(first.schema); if schema \($0) "
          + "is to have its own, type in psql: CREATE TABLE \(SQLQuote.name($0)).\(name) "
          + "(LIKE \(SQLQuote.name(first.schema)).\(name) INCLUDING ALL);"
      } ?? "put the schema of the right one into the URL: ?options=-csearch_path%3D\(first.schema)")
  }
}

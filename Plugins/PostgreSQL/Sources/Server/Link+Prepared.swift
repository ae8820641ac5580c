import BelayDriverKit
import CPostgreSQL

/// Queries that run again and again in one session: the server plans each of them once. Planning those of the catalog takes
/// four times as long as running them.
struct PreparedQueries {
  /// What their names begin with.
  static let prefix = "belay query "

  /// By the text.
  private(set) var names: [String: String] = [:]
  private var serial = 0

  mutating func add(_ sql: String) -> String {
    serial += 1
    let name = Self.prefix + String(serial)
    names[sql] = name
    return name
  }

  /// A script has removed some: none is used again, and no name twice.
  mutating func forget() { names = [:] }
}

extension Link {
  /// Runs one of belay's own queries, which has no parameters, and keeps its plan for the next time.
  func runPrepared(_ sql: String, operation: Operation) throws(DriverFailure) -> Reply {
    let name = try prepare(sql, operation)
    return try request(sql, operation) { () throws(DriverFailure) in
      try sent(PQsendQueryPrepared(handle, name, 0, nil, nil, nil, 0))
    }
  }

  /// Has the server plan one of belay's own queries, which is not run yet and locks nothing of the user's.
  func planPrepared(_ sql: String, operation: Operation) throws(DriverFailure) {
    let name = try prepare(sql, operation)
    // A query without parameters has one plan, which the server keeps.
    try run("EXPLAIN (COSTS OFF) EXECUTE \(SQLQuote.name(name))", operation: operation)
  }

  /// - Returns: its name.
  private func prepare(_ sql: String, _ operation: Operation) throws(DriverFailure) -> String {
    if let known = prepared.names[sql] { return known }
    let name = prepared.add(sql)
    _ = try request(sql, operation) { () throws(DriverFailure) in
      try sent(PQsendPrepare(handle, name, sql, 0, nil))
    }
    return name
  }

  /// To be called before the prepared queries run again: a script may have said DEALLOCATE ALL.
  func checkPrepared(_ operation: Operation) throws(DriverFailure) {
    guard !prepared.names.isEmpty else { return }
    let left = try run(
      """
      SELECT pg_catalog.count(*) FROM pg_catalog.pg_prepared_statements
      WHERE name LIKE '\(PreparedQueries.prefix)%'
      """, operation: operation)
    if left.value != String(prepared.names.count) { prepared.forget() }
  }

  private func sent(_ accepted: Int32) throws(DriverFailure) {
    guard accepted == 1 else { throw refusal() }
    flush()
  }
}

import BelayRows
import Glibc

/// Locks for drivers without locks: a row per lock in a table of belay's own. The primary key decides who was first, so
/// the engine only needs INSERT.
struct LockTable {
  static let name = "belay_lock"
  let connection: Connection

  private var table: String { connection.traits.quoted(Self.name) }
  private func column(_ name: String) -> String { connection.traits.quoted(name) }
  private func parameter(_ number: Int) -> String { connection.traits.parameter(number) }

  /// Takes the lock, or fails with `.busy`, naming the holder and since when. Not inside a transaction, where others
  /// could not see it.
  func take(_ lock: String, _ operation: Operation) throws(DriverError) {
    try makeTable(operation)
    let insert = """
      INSERT INTO \(table) (\(column("name")), \(column("holder")), \(column("since"))) \
      VALUES (\(parameter(1)), \(parameter(2)), \(parameter(3)))
      """
    do {
      try connection.execute(
        insert, rows: [[.text(lock), .text(Self.holder), .text(Self.now)]], operation: operation)
    } catch  where error.code == .constraint {
      throw try busy(lock, operation)
    }
  }

  func release(_ lock: String, _ operation: Operation) throws(DriverError) {
    try connection.execute(
      "DELETE FROM \(table) WHERE \(column("name")) = \(parameter(1))", rows: [[.text(lock)]], operation: operation)
  }

  private func makeTable(_ operation: Operation) throws(DriverError) {
    if try exists(operation) { return }
    do {
      try connection.execute(
        """
        CREATE TABLE \(table) (\(column("name")) VARCHAR(200) NOT NULL PRIMARY KEY, \
        \(column("holder")) VARCHAR(200) NOT NULL, \(column("since")) VARCHAR(40) NOT NULL)
        """, operation: operation)
    } catch {
      // Somebody else may have created it in the meantime. If not, the failure counts.
      if try !exists(operation) { throw error }
    }
  }

  private func exists(_ operation: Operation) throws(DriverError) -> Bool {
    try connection.catalog(operation: operation).objects.contains { $0.kind == "table" && $0.name == Self.name }
  }

  private func busy(_ lock: String, _ operation: Operation) throws(DriverError) -> DriverError {
    let rows = try connection.values(
      "SELECT \(column("holder")), \(column("since")) FROM \(table) WHERE \(column("name")) = \(parameter(1))",
      parameters: [.text(lock)], operation: operation)
    let holder = rows.first?.first?.text ?? "a process that has just released it"
    let since = rows.first?.last?.text.map { " since \($0)" } ?? ""
    return DriverError(
      .busy, message: "lock \(lock) is held by \(holder)\(since)",
      hint: "if that process no longer exists, delete its row: DELETE FROM \(table) WHERE \(column("name")) = '\(lock)'"
    )
  }

  /// "process 1234 on HOST".
  private static var holder: String {
    var name = [CChar](repeating: 0, count: 256)
    let known = gethostname(&name, name.count - 1) == 0
    let host = String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    return "process \(getpid()) on \(known ? host : "unknown host")"
  }

  /// ISO 8601, UTC.
  private static var now: String {
    var moment = time(nil)
    var parts = tm()
    gmtime_r(&moment, &parts)
    var text = [CChar](repeating: 0, count: 32)
    let length = strftime(&text, text.count, "%Y-%m-%dT%H:%M:%SZ", &parts)
    return String(decoding: text.prefix(length).map { UInt8(bitPattern: $0) }, as: UTF8.self)
  }
}

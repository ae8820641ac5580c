import BelayDriverKit

/// The rows of a file, and the statements that work on them. X is `'text'`, `NULL` or `?`:
///
///     SELECT key, value FROM entry [WHERE key = X]
///     INSERT INTO entry (key, value) VALUES (X, X) [, (X, X)] ...
///     DELETE FROM entry
struct EntryTable {
  private(set) var rows: [(key: String, value: String?)] = []
  /// Compared by their bytes: Swift's == treats two encodings of é as equal.
  private var keys: Set<[UInt8]> = []

  /// Runs any number of statements, up to the first that fails.
  /// - Parameter operation: nil: it cannot be stopped.
  /// - Returns: rows changed by the last one.
  mutating func run(
    _ sql: String, values: [String?] = [], operation: Operation?
  ) throws(DriverFailure) -> Int64 {
    var words = Words(sql, values: values)
    var changed = 0
    while !words.isAtEnd() {
      try operation?.check()
      let before = rows.count
      if words.take("INSERT INTO entry ( key , value ) VALUES") {
        repeat { try insert(&words) } while words.take(",")
      } else if words.take("DELETE FROM entry") {
        (rows, keys) = ([], [])
      } else {
        throw words.wrong
      }
      try words.endStatement()
      changed = abs(rows.count - before)
    }
    return Int64(changed)
  }

  /// The rows that a query selects.
  func select(_ sql: String, values: [String?]) throws(DriverFailure) -> [(key: String, value: String?)] {
    var words = Words(sql, values: values)
    guard words.take("SELECT key , value FROM entry") else {
      let writes = words.take("INSERT INTO entry") || words.take("DELETE FROM entry")
      throw writes ? DriverFailure(.denied, "a query only reads") : words.wrong
    }
    guard words.take("WHERE key =") else {
      try words.endStatement()
      return rows
    }
    let key = try words.value()
    try words.endStatement()
    // Nothing equals NULL.
    guard let key else { return [] }
    return rows.filter { $0.key.utf8.elementsEqual(key.utf8) }
  }

  private mutating func insert(_ words: inout Words) throws(DriverFailure) {
    guard words.take("(") else { throw words.wrong }
    let key = try words.value()
    guard words.take(",") else { throw words.wrong }
    let value = try words.value()
    guard words.take(")") else { throw words.wrong }
    guard let key else { throw DriverFailure(.constraint, "a key must not be NULL") }
    guard keys.insert(Array(key.utf8)).inserted else { throw DriverFailure(.constraint, "key \(key) already exists") }
    rows.append((key, value))
  }
}

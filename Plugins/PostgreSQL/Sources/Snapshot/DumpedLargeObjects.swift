import BelayDriverKit

/// The large objects of a dump, made many at a time. pg_restore makes one after the other, each by two statements in
/// transactions of their own; in one transaction for all there would be a lock for each. Their content is still its to load.
///
/// From pg_dump 17 on a dump has them in groups, and none of them here.
struct DumpedLargeObjects {
  /// By owner.
  private let numbers: [String: [Substring]]
  /// What else the dump holds.
  let rest: DumpList

  /// - Parameter roles: those of the server. An owner that is none of them stays for pg_restore: a name may be listed
  ///   otherwise than it is.
  init(_ list: DumpList, roles: Set<String>) {
    var numbers: [String: [Substring]] = [:]
    rest = list.filter { line in
      // "BLOB - 16423 its owner"
      let words = DumpList.entry(line).split(separator: " ", maxSplits: 3)
      guard words.count == 4, words[0] == "BLOB", words[1] == "-", roles.contains(String(words[3])) else { return true }
      numbers[String(words[3]), default: []].append(words[2])
      return false
    }
    self.numbers = numbers
  }

  /// What a transaction has locks for by default, with much room for others.
  private static let together = 1000

  /// Makes them, empty, with their owners.
  func create(_ link: Link, _ operation: Operation) throws(DriverFailure) {
    if numbers.isEmpty { return }
    let role = try link.run("SELECT current_user", operation: operation).value
    for (owner, numbers) in numbers.sorted(by: { $0.key < $1.key }) {
      for start in stride(from: 0, to: numbers.count, by: Self.together) {
        let some = numbers[start..<min(start + Self.together, numbers.count)]
        try link.run(
          """
          SELECT pg_catalog.count(pg_catalog.lo_create(o.n))
          FROM pg_catalog.unnest('{\(some.joined(separator: ","))}'::pg_catalog.oid[]) o(n)
          """, operation: operation)
        if owner == role { continue }
        let changes = some.map { "ALTER LARGE OBJECT \($0) OWNER TO \(SQLQuote.name(owner))" }
        try link.run(changes.joined(separator: "; "), operation: operation)
      }
    }
  }
}

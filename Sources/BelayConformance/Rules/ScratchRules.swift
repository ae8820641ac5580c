import BelayDrivers

extension Rule {
  /// 781 to 784: belay.scratch/1.
  static let scratch: [Rule] = [
    Rule(
      781, .scratch,
      "a scratch database is created empty, found by name, used and dropped; the database itself does not change"
    ) { bench in
      let connection = try bench.fill()
      let (name, operation) = (bench.scratchName, bench.operation)
      let located = try connection.locateScratch(name: name, operation: operation)
      _ = try failure(of: "opening a scratch database that was not created") { _ = try bench.open(url: located) }
      let url = try connection.createScratch(name: name, operation: operation)
      try expect(url == located, "create and locate return different URLs")
      try expect(
        try connection.locateScratch(name: name + "x", operation: operation) != url, "two names have the same URL")
      let again = try failure(of: "creating it again") {
        _ = try connection.createScratch(name: name, operation: operation)
      }
      try expect(again.code == .constraint, "creating it again failed with \(again.code): \(again.message)")

      let scratch = try bench.open(url: url)
      try bench.expectContent(bench.content(bench.create("empty")), scratch, "just after its creation")
      try expect(scratch.traits.identity != connection.traits.identity, "it has the same identity as the database")
      try bench.makeTable(scratch)
      try bench.insert([new], into: scratch)
      scratch.close()
      try bench.expectRows(bench.specimen.cells, connection, "after work on the scratch database")

      for _ in 0..<2 { try connection.dropScratch(url, operation: operation) }
      _ = try failure(of: "opening a scratch database that was dropped") { _ = try bench.open(url: url) }
      try bench.expectRows(bench.specimen.cells, connection, "after the drop")
    },

    Rule(782, .scratch, "after promote, the database has the content of the scratch database, on other connections too")
    { bench in
      let (connection, other) = (try bench.fill(), try bench.open())
      if connection.traits.cannotPromote { throw Skip("the traits include NO_PROMOTE") }
      try bench.expectRows(bench.specimen.cells, other, "before the promote")
      let url = try connection.createScratch(name: bench.scratchName, operation: bench.operation)
      defer { remove(url, connection, bench) }
      let scratch = try bench.open(url: url)
      try bench.makeTable(scratch)
      for statement in bench.specimen.schema { try scratch.execute(statement, operation: bench.operation) }
      try bench.insert([new], into: scratch)
      let expected = try bench.content(scratch)
      scratch.close()
      try promote(url, connection, bench)
      // If the databases are swapped, sessions of others are ended: they must open it again.
      let second = connection.traits.swaps ? try bench.open() : other
      for reader in [connection, second, try bench.open()] {
        try bench.expectContent(expected, reader, "after the promote")
      }
    },

    Rule(
      783, .scratch, "with SWAPS, the scratch URL leads to the previous database after a promote, until it is dropped"
    ) { bench in
      let connection = try bench.fill()
      guard connection.traits.swaps else { throw Skip("the traits do not claim SWAPS") }
      let before = try bench.content(connection)
      let url = try connection.createScratch(name: bench.scratchName, operation: bench.operation)
      defer { remove(url, connection, bench) }
      let scratch = try bench.open(url: url)
      try bench.makeTable(scratch)
      scratch.close()
      try promote(url, connection, bench)
      let former = try bench.open(url: url)
      try bench.expectContent(before, former, "at the scratch URL")
      former.close()
    },

    Rule(784, .scratch, "a name that could lead to another place is refused") { bench in
      let connection = try bench.fill()
      for name in ["", "../x", "a/b", "a b"] {
        _ = try failure(of: "a scratch database named \(name.debugDescription)") {
          _ = try connection.createScratch(name: name, operation: bench.operation)
        }
      }
    },
  ]

  /// Some databases have what cannot be moved.
  private static func promote(_ url: String, _ connection: Connection, _ bench: Bench) throws {
    let promoted = Result { () throws(DriverError) in try connection.promote(url, operation: bench.operation) }
    if case .failure(let error) = promoted, error.code == .unsupported {
      throw Skip("promote is refused: \(error.message)")
    }
    try promoted.get()
  }

  /// Ignores failures: rule 781 tests drop.
  private static func remove(_ url: String, _ connection: Connection, _ bench: Bench) {
    do {
      try connection.dropScratch(url, operation: bench.operation)
    } catch {
      connection.close()
    }
  }
}

extension Bench {
  /// The name of the rule's scratch database: letters, digits and "-".
  var scratchName: String { "run-\(job.prefix.filter { $0.isLetter || $0.isNumber })" }
}

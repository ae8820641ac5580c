import BelayDrivers
import Testing

@Suite("Contract: throw-away databases")
struct ScratchTests {
  private static let subjects = ContractSubject.having(.scratch)

  @Test(
    "a scratch database is made, found by name, used and dropped, and the database is untouched", arguments: subjects)
  func life(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let connection = try bench.fill()
    let located = try connection.locateScratch(name: "run-1", operation: bench.operation)
    #expect(throws: DriverError.self) { try bench.driver.open(located, operation: bench.operation) }
    let url = try connection.createScratch(name: "run-1", operation: bench.operation)
    #expect(url == located)
    #expect(try connection.locateScratch(name: "run-2", operation: bench.operation) != url)
    let again = try bench.failure { _ = try connection.createScratch(name: "run-1", operation: bench.operation) }
    #expect(again.code == .constraint)

    let scratch = try bench.driver.open(url, operation: bench.operation)
    let empty = try bench.create("empty")
    #expect(
      try scratch.catalog(operation: bench.operation).shape == empty.catalog(operation: bench.operation).shape)
    #expect(scratch.traits.identity != connection.traits.identity)
    for statement in subject.setUp { try scratch.execute(statement, operation: bench.operation) }
    try bench.insert([[.text("scratch"), .null]], into: scratch)
    scratch.close()
    #expect(try bench.rows(connection) == Set(subject.rows))

    try connection.dropScratch(url, operation: bench.operation)
    try connection.dropScratch(url, operation: bench.operation)
    #expect(throws: DriverError.self) { try bench.driver.open(url, operation: bench.operation) }
    #expect(try bench.rows(connection) == Set(subject.rows))
  }

  @Test(
    "a promoted scratch is the database, for others who have it open too", arguments: subjects.filter(\.promotes))
  func promote(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let (connection, other) = (try bench.fill(), try bench.open())
    #expect(try bench.rows(other) == Set(subject.rows))
    let url = try connection.createScratch(name: "run-1", operation: bench.operation)
    let scratch = try bench.driver.open(url, operation: bench.operation)
    for statement in subject.setUp + subject.schema { try scratch.execute(statement, operation: bench.operation) }
    try bench.insert([[.text("scratch"), .null]], into: scratch)
    let (shape, rows) = (try scratch.catalog(operation: bench.operation).shape, try bench.allRows(scratch))
    scratch.close()
    try connection.promote(url, operation: bench.operation)
    try connection.dropScratch(url, operation: bench.operation)
    // Where the databases are swapped, others' sessions are ended: they open it anew.
    for reader in [connection, connection.traits.swaps ? try bench.open() : other, try bench.open()] {
      #expect(try reader.catalog(operation: bench.operation).shape == shape)
      #expect(try bench.allRows(reader) == rows)
    }
  }

  @Test("a name that could lead elsewhere is refused", arguments: subjects)
  func badName(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let connection = try bench.fill()
    for name in ["", "../x", "a/b", "a b"] {
      #expect(throws: DriverError.self) { try connection.createScratch(name: name, operation: bench.operation) }
    }
  }
}

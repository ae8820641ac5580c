import BelayDrivers
import Testing

@Suite("Contract: looking into a database")
struct InspectionTests {
  @Test("a healthy database has no findings, also within a transaction", arguments: ContractSubject.having(.integrity))
  func integrity(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let connection = try bench.fillWholly()
    for full in [false, true] { #expect(try connection.integrity(full: full, operation: bench.operation) == []) }
    guard connection.traits.hasTransactions else { return }
    try connection.execute(connection.traits.begin, operation: bench.operation)
    #expect(try connection.integrity(full: false, operation: bench.operation) == [])
    try connection.execute(connection.traits.rollback, operation: bench.operation)
  }

  @Test("the plan of a query has steps, and the query is not run", arguments: ContractSubject.having(.explain))
  func explain(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let connection = try bench.fillWholly()
    let table = try bench.table(connection)
    let steps = try #require(
      try connection.explain(bench.selection(table, connection), operation: bench.operation))
    #expect(
      steps.contains { $0.isFullScan && [table.name, "\(table.schema).\(table.name)"].contains($0.table) }, "\(steps)")
    let delete = "DELETE FROM \(connection.traits.quoted(schema: table.schema, name: table.name))"
    _ = try connection.explain(delete, operation: bench.operation)
    #expect(try bench.rows(connection) == Set(subject.rows))
  }

  @Test("a linter finds a wrong statement or nothing, and never fails on it", arguments: ContractSubject.having(.lint))
  func lint(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let connection = try bench.fill()
    for finding in try #require(try connection.lint("\n\nSELEKT 1;", operation: bench.operation)) {
      #expect(finding.line == 3)
      #expect(!finding.rule.isEmpty && !finding.message.isEmpty)
    }
    #expect(try connection.lint("", operation: bench.operation) == [])
  }

  @Test("sessions are listed with their ids", arguments: ContractSubject.having(.sessions))
  func sessions(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let sessions = try #require(try bench.fill().sessions(operation: bench.operation))
    #expect(sessions.allSatisfy { !$0.id.isEmpty })
  }

  @Test("a database says how large it is, or that it does not know", arguments: ContractSubject.all)
  func size(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let connection = try bench.fill(rows: [])
    let before = try connection.describe().databaseBytes
    try bench.insert((0..<200).map { [.text("\($0)"), .text(String(repeating: "x", count: 5000))] }, into: connection)
    let after = try connection.describe().databaseBytes
    #expect(before == 0 && after == 0 || after > before)
  }
}

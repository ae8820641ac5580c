import BelayDrivers
import CBelayDriver
import Testing

@Suite("Contract: rows and values")
struct ValueTests {
  @Test("every value comes back as it went in, NULL apart from empty", arguments: ContractSubject.all)
  func roundTrip(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let connection = try bench.fill()
    let read = try connection.values(bench.selection(bench.table(connection), connection), operation: bench.operation)
    #expect(read.count == subject.rows.count)
    let byKey = Dictionary(read.map { ($0[0], $0[1]) }, uniquingKeysWith: { first, _ in first })
    for row in subject.rows { #expect(byKey[row[0]] == row[1]) }
  }

  @Test("columns come before rows, once, also for a result of no rows", arguments: ContractSubject.all)
  func columnsFirst(subject: ContractSubject) throws {
    for rows in [[], subject.rows] {
      let bench = try Bench(subject)
      let connection = try bench.fill(rows: rows)
      let table = try bench.table(connection)
      var (heard, count): ([[String]], UInt64) = ([], 0)
      try connection.query(
        bench.selection(table, connection), operation: bench.operation,
        columns: { heard.append($0.map(\.name)) },
        rows: { batch in
          #expect(heard.count == 1)
          count += batch.nrows
        })
      #expect(heard == [table.storedColumns.map(\.name)])
      #expect(count == UInt64(rows.count))
    }
  }

  @Test("a parameter finds its row", arguments: ContractSubject.all)
  func parameter(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let connection = try bench.fill()
    let table = try bench.table(connection)
    let key = connection.traits.quoted(table.storedColumns[0].name)
    let sql = "\(bench.selection(table, connection)) WHERE \(key) = \(connection.traits.parameter(1))"
    for row in subject.rows {
      #expect(try connection.values(sql, parameters: [row[0]], operation: bench.operation) == [row])
    }
    #expect(try connection.values(sql, parameters: [.text("no such key")], operation: bench.operation) == [])
    #expect(try connection.values(sql, parameters: [.null], operation: bench.operation) == [], "nothing equals NULL")
  }

  @Test("many rows go in by one call and come out in batches of about 1 MiB", arguments: ContractSubject.all)
  func many(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let connection = try bench.fill(rows: [])
    let rows = Bench.many(2000, bytes: 3000)
    if connection.traits.hasTransactions { try connection.execute(connection.traits.begin, operation: bench.operation) }
    let affected = try connection.execute(bench.insertion(connection), rows: rows, operation: bench.operation)
    if connection.traits.hasTransactions {
      try connection.execute(connection.traits.commit, operation: bench.operation)
    }
    #expect(affected == nil || affected == 2000)
    var (count, largest): (UInt64, UInt64) = (0, 0)
    try connection.query(
      bench.selection(bench.table(connection), connection), operation: bench.operation,
      rows: { batch in
        count += batch.nrows
        let cells = UnsafeBufferPointer(start: batch.cells, count: Int(batch.nrows) * Int(batch.ncols))
        if batch.nrows > 1 { largest = max(largest, cells.reduce(0) { $0 + $1.len }) }
      })
    #expect(count == 2000)
    #expect(largest < 2 << 20)
  }

  @Test("a value of 8 MiB, or of as much as the engine takes, comes back whole", arguments: ContractSubject.all)
  func large(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let text = String(repeating: "0123456789abcdef", count: subject.longestText / 16)
    let connection = try bench.fill(rows: [[.text("large"), .text(text)]])
    #expect(try bench.rows(connection) == [[.text("large"), .text(text)]])
  }

  @Test(
    "a closure that throws at some row stops the query, and the connection is still good",
    arguments: ContractSubject.all)
  func throwingSink(subject: ContractSubject) throws {
    struct Enough: Error {}
    let bench = try Bench(subject)
    let connection = try bench.fill(rows: Bench.many(1000))
    let sql = try bench.selection(bench.table(connection), connection)
    var (seen, afterwards): (UInt64, Int) = (0, 0)
    #expect(throws: Enough.self) {
      try connection.query(
        sql, operation: bench.operation,
        rows: { batch in
          if seen >= 500 { afterwards += 1 }
          seen += batch.nrows
          if seen >= 500 { throw Enough() }
        })
    }
    #expect(afterwards == 0)
    #expect(throws: Enough.self) {
      try connection.query(sql, operation: bench.operation, columns: { _ in throw Enough() }, rows: { _ in })
    }
    #expect(try bench.rows(connection).count == 1000)
  }
}

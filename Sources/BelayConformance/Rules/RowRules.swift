import BelayDrivers
import CBelayDriver

extension Rule {
  /// 744 to 750: belay.rows/1. (741 to 743 were about its predecessor.)
  static let rows: [Rule] = [
    Rule(
      744, .rows, "read returns the same as a query of the same columns, in the requested order, columns first and once"
    ) {
      bench in
      for (label, rows) in [("none", []), ("some", bench.specimen.cells)] {
        let connection = try bench.fill(label, rows: rows)
        let table = try bench.table(connection)
        let (key, value) = (table.columns[0], table.columns[1])
        for columns in [[key, value], [value, key], [value]] {
          let part = CatalogTable(object: table.object, columns: columns)
          let (heard, read) = try bench.read(part, connection)
          try expect(heard == [columns.map(\.name)], "asked for \(columns.map(\.name)), it passed the columns \(heard)")
          let queried = try connection.values(part.selectStatement(connection.traits), operation: bench.operation)
          try expect(
            Bench.counted(read) == Bench.counted(queried),
            "of the columns \(columns.map(\.name)) a query returns \(queried.shown), but read returns \(read.shown)")
        }
      }
    },

    Rule(
      745, .rows, "rows that were loaded in many batches are read completely, in batches of about 1 MiB, and by queries"
    ) {
      bench in
      let connection = try bench.fill(rows: [])
      let table = try bench.table(connection)
      let many = Bench.many(2000, bytes: 3000)
      for start in stride(from: 0, to: many.count, by: 300) {
        try connection.load(
          Array(many[start..<min(start + 300, many.count)]), into: table, operation: bench.operation)
      }
      try connection.load(bench.specimen.cells, into: table, operation: bench.operation)
      let all = many + bench.specimen.cells
      try bench.expectRows(all, connection, "in a query, after loading")
      var largest: UInt64 = 0
      var read: [[Value]] = []
      try connection.read(
        table, operation: bench.operation,
        rows: { batch in
          read += batch.values
          if batch.nrows > 1 { largest = max(largest, batch.bytes) }
        })
      try expect(
        Bench.counted(read) == Bench.counted(all),
        "\(all.count) rows were loaded, but read returns \(read.count) rows, or different ones")
      try expect(largest < 2 << 20, "a batch of several rows has \(largest) bytes")
    },

    Rule(
      746, .rows,
      "if one row of a batch cannot be added, none is; an unknown table or column is refused"
    ) {
      bench in
      let connection = try bench.fill(rows: [bench.specimen.cells[1]])
      let table = try bench.table(connection)
      try refusal(of: "loading a duplicate key", [.constraint]) {
        try connection.load(bench.specimen.cells, into: table, operation: bench.operation)
      }
      try bench.expectRows([bench.specimen.cells[1]], connection, "after a load that failed")
      var (renamed, other) = (table, table)
      renamed.columns[1].name = "no such column"
      other.object.name = "no such table"
      for (what, odd) in [("column", renamed), ("table", other)] {
        try refusal(of: "loading into a \(what) that does not exist", [.sql, .notFound]) {
          try connection.load([bench.specimen.cells[0]], into: odd, operation: bench.operation)
        }
        try refusal(of: "reading a \(what) that does not exist", [.sql, .notFound]) {
          _ = try bench.read(odd, connection)
        }
      }
      try bench.expectRows([bench.specimen.cells[1]], connection, "after loads that were refused")
    },

    Rule(747, .rows, "read and load take part in the open transaction") { bench in
      let connection = try bench.fill()
      let table = try bench.table(connection)
      try bench.needsTransactions(connection)
      try connection.execute(connection.traits.begin, operation: bench.operation)
      try connection.load([new], into: table, operation: bench.operation)
      let within = try bench.read(table, connection).rows
      try expect(within.contains(new), "in the transaction, read does not return the row that it loaded")
      try connection.execute(connection.traits.rollback, operation: bench.operation)
      try bench.expectRows(bench.specimen.cells, connection, "after the rollback of a load")
      try expect(
        !(try bench.read(table, connection).rows.contains(new)), "after the rollback, read still returns the row")
    },

    Rule(748, .rows, "read returns the view of a token, on all connections that use it") { bench in
      try bench.needs(.token)
      let (first, second, writer) = (try bench.fill(), try bench.open(), try bench.open())
      let table = try bench.table(first)
      guard let token = try first.acquireToken(operation: bench.operation) else { throw Broken("it returns no token") }
      try second.adopt(token: token, operation: bench.operation)
      try writer.load([new], into: table, operation: bench.operation)
      for connection in [first, second] {
        let seen = try bench.read(table, connection).rows
        try expect(
          Bench.counted(seen) == Bench.counted(bench.specimen.cells),
          "with the token, after a row was loaded, read returns \(seen.count) rows, not \(bench.specimen.cells.count)"
        )
      }
      try second.releaseToken(operation: bench.operation)
      try first.releaseToken(operation: bench.operation)
      try expect(
        try bench.read(table, first).rows.contains(new), "after the token's release, read does not return the new row")
    },

    Rule(749, .rows, "if a rowsink fails, read ends with its code, without fail()") { bench in
      try bench.fill(rows: Bench.many(3000, bytes: 2000)).close()
      let connection = try bench.open()
      let table = try bench.table(connection)
      connection.close()
      let raw = try RawDriver(bench).open(bench)
      defer { raw.close() }
      for code in [Int32(BELAY_E_IO), Int32(BELAY_E_CANCELLED)] {
        for call in [0, 1, 2] {
          let sink = RawRows()
          if call == 0 { sink.columnsAnswer = code } else { sink.failing = (call, code) }
          try sink.expectHandedOn(code, try raw.read(table, sink), call == 0 ? "columns()" : "call \(call) of rows()")
        }
      }
      let rows = RawRows()
      let answer = try raw.read(table, rows)
      try expect(answer.code == BELAY_OK && rows.rows == 3000, "afterwards read returns \(rows.rows) rows of 3000")
      if let flaw = rows.flaw { throw Broken(flaw) }
    },

    Rule(750, .rows, "read returns values of every type as a query does, and load restores the same values") { bench in
      try bench.needsTables()
      let typed: [(type: String, values: [Value])] = [
        ("i64", [.integer(.min), .integer(.max)]), ("f64", [.real(0.1), .real(-1e22)]),
        ("bool", [.bool(true), .bool(false)]), ("blob", [.blob(Array(0...255)), .blob([])]),
        ("text", [.text("e\u{301}\u{10ffff}\t\n\\N"), .text("")]),
      ].filter { bench.specimen.columnType($0.0) != nil }
      let connection = try bench.create()
      let traits = connection.traits
      let columns = typed.compactMap { type in
        bench.specimen.columnType(type.type).map { "\(traits.quoted("v_\(type.type)")) \($0)" }
      }
      for name in ["source", "copy"] {
        try connection.execute(
          "CREATE TABLE \(traits.quoted(name)) (\(traits.quoted("k")) INTEGER NOT NULL PRIMARY KEY, "
            + "\(columns.joined(separator: ", ")))",
          operation: bench.operation)
      }
      let tables = try connection.catalog(operation: bench.operation).tables
      guard var source = tables.first(where: { $0.name == "source" }),
        var copy = tables.first(where: { $0.name == "copy" })
      else { throw Broken("the catalog has no tables source and copy, but \(tables.map(\.name))") }
      source.columns.removeAll { $0.flags.contains(.implicit) }
      copy.columns.removeAll { $0.flags.contains(.implicit) }
      let rows = (0..<3).map { row in
        [Value.integer(Int64(row))] + typed.map { row < $0.values.count ? $0.values[row] : .null }
      }
      try connection.execute(source.insertStatement(traits), rows: rows, operation: bench.operation)
      let queried = try connection.values(source.selectStatement(traits), operation: bench.operation)
      let read = try bench.read(source, connection).rows
      try expect(
        Bench.counted(read) == Bench.counted(queried),
        "a query returns \(queried.shown), but read returns \(read.shown)")
      try connection.load(read, into: copy, operation: bench.operation)
      let copied = try connection.values(copy.selectStatement(traits), operation: bench.operation)
      try expect(
        Bench.counted(copied) == Bench.counted(queried),
        "\(read.shown) was loaded, but was read back as \(copied.shown)")
    },
  ]
}

extension Bench {
  /// What belay.rows/1 returns for a table: the columns' names, as often as they came, and the rows.
  fileprivate func read(
    _ table: CatalogTable, _ connection: Connection
  ) throws -> (columns: [[String]], rows: [[Value]]) {
    var (columns, rows): ([[String]], [[Value]]) = ([], [])
    try connection.read(
      table, operation: operation, columns: { columns.append($0.map(\.name)) }, rows: { rows += $0.values })
    return (columns, rows)
  }

  /// Rows without their order, which is not defined.
  fileprivate static func counted(_ rows: [[Value]]) -> [[Value]: Int] {
    rows.reduce(into: [:]) { $0[$1, default: 0] += 1 }
  }
}

extension belay_batch {
  fileprivate var bytes: UInt64 {
    UnsafeBufferPointer(start: cells, count: Int(nrows) * Int(ncols)).reduce(0) { $0 + $1.len }
  }
}

extension RawConnection {
  fileprivate func read(_ table: CatalogTable, _ rows: RawRows) throws -> Answer {
    guard let functions = driver.table(.rows, as: belay_rows.self) else { throw Broken("it has no belay.rows/1") }
    return answer { operation, error in
      var sink = rows.sink
      return table.withBorrowed { functions.read(handle, operation, $0, &sink, error) }
    }
  }
}

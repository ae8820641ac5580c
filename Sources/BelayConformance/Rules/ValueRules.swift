import BelayDrivers
import CBelayDriver

extension Rule {
  /// 301 to 307: rows in and out.
  static let values: [Rule] = [
    Rule(301, .values, "rows are read back as they were written, and NULL differs from empty") { bench in
      let connection = try bench.fill()
      let read = try connection.values(bench.selection(connection), operation: bench.operation)
      try expect(
        read.count == bench.specimen.rows.count,
        "\(bench.specimen.rows.count) rows were written, but \(read.count) were read")
      let byKey = Dictionary(read.map { ($0[0], $0[1]) }, uniquingKeysWith: { first, _ in first })
      for row in bench.specimen.cells {
        try expect(byKey[row[0]] == row[1], "\(row[1].shown) was read back as \(byKey[row[0]]?.shown ?? "nothing")")
      }
    },

    Rule(302, .values, "columns are passed once, before the rows, with their names, even if there are no rows") {
      bench in
      for (label, rows) in [("none", []), ("some", bench.specimen.cells)] {
        let connection = try bench.fill(label, rows: rows)
        let table = try bench.table(connection)
        var (heard, count): ([[String]], UInt64) = ([], 0)
        try connection.query(
          bench.selection(table, connection), operation: bench.operation,
          columns: { heard.append($0.map(\.name)) }, rows: { count += $0.nrows })
        try expect(heard == [table.storedColumns.map(\.name)], "the columns that were passed are \(heard)")
        try expect(count == UInt64(rows.count), "\(count) of \(rows.count) rows were passed")
      }
    },

    Rule(303, .values, "a parameter finds its row, and nothing equals NULL") { bench in
      let connection = try bench.fill()
      let table = try bench.table(connection)
      let key = connection.traits.quoted(table.storedColumns[0].name)
      let sql = "\(bench.selection(table, connection)) WHERE \(key) = \(connection.traits.parameter(1))"
      for row in bench.specimen.cells {
        let found = try connection.values(sql, parameters: [row[0]], operation: bench.operation)
        try expect(found == [row], "the key \(row[0].shown) finds \(found.shown)")
      }
      for odd in [Value.text("no such key"), .null] {
        let found = try connection.values(sql, parameters: [odd], operation: bench.operation)
        try expect(found.isEmpty, "the key \(odd.shown) finds \(found.shown)")
      }
    },

    Rule(304, .values, "many rows are written by one call, counted, and read in batches of about 1 MiB") { bench in
      let connection = try bench.fill(rows: [])
      let traits = connection.traits
      if traits.hasTransactions { try connection.execute(traits.begin, operation: bench.operation) }
      let affected = try connection.execute(
        bench.insertion(bench.table(connection), connection), rows: Bench.many(2000, bytes: 3000),
        operation: bench.operation)
      if traits.hasTransactions { try connection.execute(traits.commit, operation: bench.operation) }
      try expect(affected == nil || affected == 2000, "2000 rows were counted as \(affected ?? -1)")
      var (count, largest): (UInt64, UInt64) = (0, 0)
      try connection.query(
        bench.selection(connection), operation: bench.operation,
        rows: { batch in
          count += batch.nrows
          guard batch.nrows > 1, let cells = batch.cells else { return }
          var bytes: UInt64 = 0
          for index in 0..<Int(batch.nrows) * Int(batch.ncols) { bytes += cells[index].len }
          largest = max(largest, bytes)
        })
      try expect(count == 2000, "2000 rows were written, but \(count) were read")
      try expect(largest < 2 << 20, "a batch of several rows has \(largest) bytes")
    },

    Rule(
      305, .values, "a value of 50 MB, or of the size in the specimen, is read back completely", limit: .seconds(180)
    ) {
      bench in
      let text = String(repeating: "0123456789abcdef", count: bench.specimen.longestValue / 16)
      let connection = try bench.fill(rows: [[.text("long"), .text(text)]])
      let found = try connection.values(bench.selection(connection), operation: bench.operation)
      try expect(found.count == 1, "\(found.count) rows were read back")
      let length = found.first?.last?.text?.utf8.count ?? 0
      try expect(
        found == [[.text("long"), .text(text)]],
        "a text of \(text.utf8.count) bytes was read back with \(length) bytes, or changed")
    },

    Rule(306, .values, "each cell follows the layout: a known type, no len without bytes, BOOL as 0 or 1") { bench in
      try bench.fill().close()
      let connection = try bench.open()
      let sql = try bench.selection(connection)
      connection.close()
      let raw = try RawDriver(bench).open(bench)
      let rows = RawRows()
      let answer = raw.query(sql, rows)
      try expect(answer.code == BELAY_OK, "the query failed: \(answer.message)")
      if let flaw = rows.flaw { throw Broken(flaw) }
      try expect(answer.slot.reports == 0, "it called fail() but returned BELAY_OK")
      raw.close()
    },

    Rule(307, .values, "query only reads: a statement that writes, or that ends the transaction, fails with DENIED") {
      bench in
      let connection = try bench.fill()
      let traits = connection.traits
      let table = try bench.table(connection)
      let name = traits.quoted(schema: table.schema, name: table.name)
      let key = traits.quoted(table.storedColumns[0].name)
      let insertion = "INSERT INTO \(name) (\(table.selectList(traits))) VALUES ('new', NULL)"
      try refusal(of: "query with \(insertion)", [.denied]) {
        _ = try connection.values(insertion, operation: bench.operation)
      }
      // An engine may not have these at all.
      for sql in ["UPDATE \(name) SET \(key) = 'x'", "DELETE FROM \(name)", "DROP TABLE \(name)"] {
        try refusal(of: "query with \(sql)", [.denied, .sql]) {
          _ = try connection.values(sql, operation: bench.operation)
        }
      }
      try bench.expectRows(bench.specimen.cells, connection, "after statements that write")
      guard traits.hasTransactions else { return }
      try connection.execute(traits.begin, operation: bench.operation)
      try bench.insert([new], into: connection)
      for sql in [traits.commit, traits.rollback, "DELETE FROM \(name)"] {
        try refusal(of: "query with \(sql) in a transaction", [.denied]) {
          _ = try connection.values(sql, operation: bench.operation)
        }
      }
      try bench.expectRows(bench.specimen.cells + [new], connection, "in the transaction, after statements that write")
      try connection.execute(traits.rollback, operation: bench.operation)
      try bench.expectRows(bench.specimen.cells, connection, "after the rollback")
    },
  ]
}

import BelayDrivers
import CBelayDriver

extension Rule {
  /// 311 to 317: each type of cell in both directions, with its extremes.
  static let types: [Rule] = [
    Rule(311, .values, "integers are read back, from the smallest to the largest of 64 bits") { bench in
      try roundTrip(bench, "i64", [0, 1, -1, 1 << 31, 1 << 53 + 1, .max, .min].map { .integer($0) })
    },

    Rule(312, .values, "reals are read back bit for bit, from the smallest to the largest") { bench in
      let plain: [Double] = [0, 1, -1.5, 0.1, 1e22, 2.2250738585072014e-308, 123456789.123456789]
      try roundTrip(bench, "f64", plain.map { .real($0) })
      // Not every engine accepts these, but none may change them. NaN is left out: engines store it as NULL.
      let extreme: [Double] = [
        .leastNonzeroMagnitude, .greatestFiniteMagnitude, -.greatestFiniteMagnitude, .infinity, -.infinity,
      ]
      try roundTrip(bench, "f64", extreme.map { .real($0) }, mayRefuse: true)
    },

    Rule(313, .values, "booleans are read back, as BOOL or as 0 and 1") { bench in
      try roundTrip(bench, "bool", [.bool(true), .bool(false)])
    },

    Rule(314, .values, "all 256 byte values are read back, and an empty value is not NULL") { bench in
      try roundTrip(bench, "blob", [.blob(Array(0...255)), .blob([]), .blob([0]), .blob([0x5c, 0x27, 0x22, 0x0a])])
    },

    Rule(315, .values, "text with characters of every plane is read back; text with a NUL byte is read back or refused")
    { bench in
      try roundTrip(
        bench, "text", [.text("a\u{7f}\u{80}\u{7ff}\u{800}\u{ffff}\u{10000}\u{10ffff}"), .text("e\u{301}é"), .text("")])
      try roundTrip(bench, "text", [.text("a\0b"), .text("\0")], mayRefuse: true)
    },

    Rule(316, .values, "NULL is read back as NULL from a column of every type") { bench in
      for type in ["i64", "f64", "bool", "blob", "text"] where bench.specimen.columnType(type) != nil {
        try roundTrip(bench, type, [.null])
      }
    },

    Rule(317, .values, "text that is not UTF-8 is refused, or read back byte for byte") { bench in
      let connection = try bench.fill(rows: [])
      let sql = bench.insertion(try bench.table(connection), connection)
      for bad: [UInt8] in [[0x61, 0xff, 0x62], [0xc3], [0xed, 0xa0, 0x80]] {
        do {
          try insertBytes(bad, sql, connection, bench)
        } catch let error as DriverError {
          try expect(error.code != .internal, error.message)
          try expect(error.outcome == .notApplied, "it was refused, but the outcome is \(error.outcome)")
          continue
        }
        var found: [[UInt8]] = []
        try connection.query(
          bench.selection(connection), operation: bench.operation,
          rows: { batch in
            guard let cells = batch.cells else { return }
            for row in 0..<Int(batch.nrows) { found.append(Array(cells[row * 2 + 1].bytes)) }
          })
        try expect(found == [bad], "the bytes \(bad) were read back as \(found)")
        let traits = connection.traits
        let name = traits.quoted(schema: try bench.table(connection).schema, name: bench.specimen.table)
        try connection.execute("DELETE FROM \(name)", operation: bench.operation)
      }
    },
  ]

  private static func insertBytes(_ bytes: [UInt8], _ sql: String, _ connection: Connection, _ bench: Bench) throws {
    try bytes.withUnsafeBytes { bytes in
      var cells = [belay_cell(), belay_cell()]
      for index in cells.indices {
        cells[index].type = UInt32(BELAY_TEXT)
        cells[index].v.ptr = bytes.baseAddress
        // A valid key, and the invalid value.
        cells[index].len = UInt64(index == 0 ? 0 : bytes.count)
      }
      try cells.withUnsafeBufferPointer { cells in
        let batch = belay_batch(cells: cells.baseAddress, nrows: 1, ncols: 2, reserved: 0)
        _ = try connection.execute(sql, batch: batch, operation: bench.operation)
      }
    }
  }

  /// Puts values into a column of the type, and reads them back.
  private static func roundTrip(_ bench: Bench, _ type: String, _ values: [Value], mayRefuse: Bool = false) throws {
    try bench.needsTables()
    guard let word = bench.specimen.columnType(type) else { throw Skip("the specimen has no column type for \(type)") }
    let connection = try bench.create(mayRefuse ? "extreme\(type)" : values == [.null] ? "null\(type)" : type)
    let (traits, operation) = (connection.traits, bench.operation)
    let (table, k, v) = (traits.quoted("values"), traits.quoted("k"), traits.quoted("v"))
    try connection.execute(
      "CREATE TABLE \(table) (\(k) INTEGER NOT NULL PRIMARY KEY, \(v) \(word))", operation: operation)
    for (index, value) in values.enumerated() {
      let key = Value.integer(Int64(index))
      let insert = "INSERT INTO \(table) (\(k), \(v)) VALUES (\(traits.parameter(1)), \(traits.parameter(2)))"
      let refused = Result { () throws(DriverError) in
        _ = try connection.execute(insert, rows: [[key, value]], operation: operation)
      }
      if case .failure(let error) = refused {
        guard mayRefuse, error.code != .internal else { throw error }
        try expect(error.outcome == .notApplied, "\(value.shown) was refused, but the outcome is \(error.outcome)")
        continue
      }
      let rows = try connection.values("SELECT \(v) FROM \(table) WHERE \(k) = \(index)", operation: operation)
      guard let found = rows.first?.first, rows.count == 1 else {
        throw Broken("\(value.shown) was read back as \(rows.count) rows")
      }
      try expect(found.means(value), "\(value.shown) was read back as \(found.shown)")
      // It must be possible to write what was read, because this is how a backup is restored.
      let again = Value.integer(Int64(index + values.count))
      try connection.execute(insert, rows: [[again, found]], operation: operation)
      let second = try connection.values(
        "SELECT \(v) FROM \(table) WHERE \(k) = \(index + values.count)", operation: operation)
      try expect(second == [[found]], "\(found.shown), written again, was read back as \(second.shown)")
    }
  }
}

extension Value {
  /// Whether an engine that stored `sent` may return this: the same value, or the engine's own form of it.
  fileprivate func means(_ sent: Value) -> Bool {
    switch (self, sent) {
    case (.real(let found), .real(let sent)): found.bitPattern == sent.bitPattern || found == 0 && sent == 0
    case (.integer(let found), .real(let sent)): Double(exactly: found) == sent
    case (.integer(let found), .bool(let sent)): found == (sent ? 1 : 0)
    case (.native(let found), .text(let sent)), (.text(let found), .native(let sent)): found == sent
    case (.native(let found), .integer(let sent)): Int64(found) == sent
    case (.native(let found), .real(let sent)): Double(found) == sent
    case (.native(let found), .bool(let sent)):
      (sent ? ["t", "true", "1", "\u{1}"] : ["f", "false", "0", "\0"]).contains(found)
    case (.native(let found), .blob(let sent)):
      found.lowercased().hasSuffix(Hex.text(sent))
    default: self == sent
    }
  }
}

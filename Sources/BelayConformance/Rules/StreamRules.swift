import BelayDrivers
import CBelayDriver

extension Rule {
  /// 441 to 443: sinks that fail.
  static let streams: [Rule] = [
    Rule(
      441, .failures,
      "if a rowsink fails at its columns or its Nth batch, the query ends with its code, without fail()"
    ) { bench in
      try bench.fill(rows: Bench.many(3000, bytes: 2000)).close()
      let connection = try bench.open()
      let sql = try bench.selection(connection)
      connection.close()
      let raw = try RawDriver(bench).open(bench)
      defer { raw.close() }
      for code in [Int32(BELAY_E_IO), Int32(BELAY_E_CANCELLED)] {
        let atColumns = RawRows()
        atColumns.columnsAnswer = code
        try atColumns.expectHandedOn(code, raw.query(sql, atColumns), "columns()")
        for call in [1, 2] {
          let atRows = RawRows()
          atRows.failing = (call, code)
          try atRows.expectHandedOn(code, raw.query(sql, atRows), "call \(call) of rows()")
        }
      }
      let rows = RawRows()
      let answer = raw.query(sql, rows)
      try expect(answer.code == BELAY_OK && rows.rows == 3000, "afterwards a query returns \(rows.rows) rows of 3000")
    },

    Rule(442, .failures, "if an objectsink fails at its Nth object, catalog ends with its code, without fail()") {
      bench in
      try bench.fill().close()
      let raw = try RawDriver(bench).open(bench)
      defer { raw.close() }
      for failing in 1...3 {
        var calls = 0
        let answer = raw.catalog {
          calls += 1
          return Int32(calls >= failing ? BELAY_E_IO : BELAY_OK)
        }
        try expect(calls == failing, "object() was called \(calls) times, but had failed at call \(failing)")
        try expect(answer.code == BELAY_E_IO, "the sink failed with \(BELAY_E_IO), but catalog returned \(answer.code)")
        try expect(answer.slot.reports == 0, "fail() was called for a failure of the sink")
      }
    },
  ]
}

extension RawRows {
  /// Requires that a call ended with the code of its sink. what: the sink's function.
  func expectHandedOn(_ code: Int32, _ answer: RawConnection.Answer, _ what: String) throws {
    try expect(callsAfterFailure == 0, "after \(what) had failed, the sink was called \(callsAfterFailure) more times")
    try expect(answer.code == code, "\(what) failed with \(code), but the call returned \(answer.code)")
    try expect(answer.slot.reports == 0, "fail() was called for a failure of the sink")
  }
}

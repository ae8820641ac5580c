import BelayDrivers
import CBelayDriver
import Foundation

extension Rule {
  /// 421 to 426: cancellation, deadlines, threads.
  static let stopping: [Rule] = [
    Rule(
      421, .failures,
      "a query that is cancelled between its batches ends with CANCELLED, and the connection stays usable"
    ) { bench in
      let connection = try bench.fill(rows: Bench.many(2000, bytes: 3000))
      let cancellation = Cancellation()
      var batches = 0
      let error = try failure(of: "a query that was cancelled") {
        try connection.query(
          bench.selection(connection), operation: BelayDrivers.Operation(cancellation: cancellation),
          rows: { _ in
            batches += 1
            cancellation.cancel()
          })
      }
      try expect(error.code == .cancelled, "it failed with \(error.code): \(error.message)")
      try expect(batches == 1, "\(batches) batches were passed, all but one after the cancellation")
      let count = try bench.rows(connection).count
      try expect(count == 2000, "afterwards the table has \(count) rows of 2000")
    },

    Rule(422, .failures, "a long query polls cancelled(), and ends when its Nth call returns yes") {
      bench in
      try bench.fill(rows: Bench.many(4000, bytes: 3000)).close()
      let connection = try bench.open()
      let sql = try bench.selection(connection)
      connection.close()
      let raw = try RawDriver(bench).open(bench)
      defer { raw.close() }
      for poll in [1, 2, 3] {
        let polls = Polls(yesFrom: poll)
        raw.operation = polls.operation
        let answer = raw.query(sql, RawRows())
        try expect(polls.count >= poll, "12 MB were read, but cancelled() was called only \(polls.count) times")
        try expect(
          answer.code == BELAY_E_CANCELLED,
          "call \(poll) of cancelled() returned yes, but the query returned \(answer.code) \(answer.message)")
        try expect(answer.slot.reports == 1, "fail() was called \(answer.slot.reports) times")
      }
      raw.operation = BelayDrivers.Operation()
      let rows = RawRows()
      let answer = raw.query(sql, rows)
      try expect(answer.code == BELAY_OK && rows.rows == 4000, "afterwards a query returns \(rows.rows) rows of 4000")
    },

    Rule(423, .failures, "a query that returns no rows for minutes can be stopped from another thread, within 5 s") {
      bench in
      let sql = try endless(bench)
      let connection = try bench.fill()
      let cancellation = Cancellation()
      let asked = ContinuousClock.now.advanced(by: .milliseconds(200))
      Thread.detachNewThread {
        Thread.sleep(forTimeInterval: 0.2)
        cancellation.cancel()
      }
      let error = try failure(of: "a query that was cancelled") {
        _ = try connection.values(sql, operation: BelayDrivers.Operation(cancellation: cancellation))
      }
      let latency = ContinuousClock.now - asked
      try expect(error.code == .cancelled, "it failed with \(error.code): \(error.message)")
      try expect(latency < .seconds(5), "it took \(latency) to stop")
      try bench.expectRows(bench.specimen.cells, connection, "after a cancellation")
    },

    Rule(424, .failures, "a query ends with TIMEOUT within 5 s after the deadline of its operation") { bench in
      let sql = try endless(bench)
      let connection = try bench.fill()
      let due = ContinuousClock.now.advanced(by: .milliseconds(200))
      let error = try failure(of: "a query after its deadline") {
        _ = try connection.values(sql, operation: BelayDrivers.Operation(timeout: .milliseconds(200)))
      }
      let latency = ContinuousClock.now - due
      try expect(error.code == .timeout, "it failed with \(error.code): \(error.message)")
      try expect(latency < .seconds(5), "it took \(latency) to stop")
      try bench.expectRows(bench.specimen.cells, connection, "after a timeout")
    },

    Rule(425, .failures, "interrupt does no harm if no call is running") { bench in
      try bench.fill().close()
      let connection = try bench.open()
      let sql = try bench.selection(connection)
      connection.close()
      let driver = try RawDriver(bench)
      let needed = MemoryLayout<belay_driver>.offset(of: \.interrupt) ?? .max
      guard Int(driver.table.pointee.struct_size) > needed, let interrupt = driver.table.pointee.interrupt else {
        throw Skip("the driver has no interrupt")
      }
      let raw = try driver.open(bench)
      defer { raw.close() }
      for _ in 0..<3 {
        interrupt(raw.handle)
        let rows = RawRows()
        let answer = raw.query(sql, rows)
        try expect(answer.code == BELAY_OK, "a query after it failed: \(answer.message)")
        try expect(rows.rows == UInt64(bench.specimen.rows.count), "a query after it returned \(rows.rows) rows")
      }
    },

    Rule(426, .failures, "two connections work on two threads at the same time") { bench in
      let lent = Lent(bench)
      _ = try bench.driver()
      let connections = try (0..<2).map { Lent(try bench.fill("db\($0)", rows: [])) }
      try onThreads(
        connections.enumerated().map { number, connection in
          {
            for row in 0..<30 {
              try lent.value.insert([[.text("\(number) \(row)"), .null]], into: connection.value)
              _ = try lent.value.rows(connection.value)
            }
          }
        })
      for (number, connection) in connections.enumerated() {
        let rows = (0..<30).map { [Value.text("\(number) \($0)"), .null] }
        try bench.expectRows(rows, connection.value, "after work on two threads")
      }
    },
  ]

  private static func endless(_ bench: Bench) throws(Skip) -> String {
    if bench.specimen.endless.isEmpty { throw Skip("the specimen has no query that runs for minutes") }
    return bench.specimen.endless
  }
}

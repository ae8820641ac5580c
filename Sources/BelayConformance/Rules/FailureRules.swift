import BelayDrivers
import CBelayDriver
import Foundation
import Glibc

extension Rule {
  /// 401 to 408: what a failure reports, and what it leaves.
  static let failures: [Rule] = [
    Rule(
      401, .failures, "an invalid statement fails with SQL, NOT_APPLIED; the position is inside the text or unknown"
    ) { bench in
      let connection = try bench.fill()
      let sql = "SELEKT something"
      let execute = try refusal(of: "execute of an invalid statement", [.sql]) {
        try connection.execute(sql, operation: bench.operation)
      }
      let query = try refusal(of: "query of an invalid statement", [.sql]) {
        _ = try connection.values(sql, operation: bench.operation)
      }
      for error in [execute, query] {
        guard let offset = error.sqlOffset else { continue }
        try expect((0...sql.utf8.count).contains(offset), "the position is byte \(offset) of \(sql.utf8.count)")
      }
      try bench.expectRows(bench.specimen.cells, connection, "after an invalid statement")
    },

    Rule(402, .failures, "a missing table fails with SQL or NOT_FOUND, NOT_APPLIED") { bench in
      let connection = try bench.fill()
      let table = connection.traits.quoted("no such table")
      for sql in ["SELECT * FROM \(table)", "DELETE FROM \(table)"] {
        try refusal(of: sql, [.sql, .notFound]) { try connection.execute(sql, operation: bench.operation) }
      }
      try refusal(of: "a query of a missing table", [.sql, .notFound]) {
        _ = try connection.values("SELECT * FROM \(table)", operation: bench.operation)
      }
      try bench.expectRows(bench.specimen.cells, connection, "after a statement on a missing table")
    },

    Rule(403, .failures, "a duplicate key fails with CONSTRAINT, NOT_APPLIED") { bench in
      let connection = try bench.fill()
      try refusal(of: "an INSERT of a duplicate key", [.constraint]) {
        try bench.insert([bench.specimen.cells[0]], into: connection)
      }
      try bench.expectRows(bench.specimen.cells, connection, "after an INSERT that failed")
    },

    Rule(404, .failures, "if one of several rows fails, the outcome says what happened to all of them") { bench in
      let connection = try bench.fill()
      let rows: [[Value]] = [[.text("new"), .null], bench.specimen.cells[0], [.text("newer"), .null]]
      try expectOutcome(bench, connection) { try bench.insert(rows, into: connection) }
    },

    Rule(405, .failures, "if one of several statements fails, the outcome says what happened to all of them") { bench in
      let connection = try bench.fill()
      let insert = try bench.literalInsertion(connection)
      try expectOutcome(bench, connection) {
        try connection.execute(
          "\(insert) ('new', NULL); \(insert) ('new', NULL); \(insert) ('newer', NULL);", operation: bench.operation)
      }
    },

    Rule(406, .failures, "several statements run in order, and an empty text does nothing") { bench in
      let connection = try bench.fill(rows: [])
      let insert = try bench.literalInsertion(connection)
      let table = try bench.table(connection)
      let name = connection.traits.quoted(schema: table.schema, name: table.name)
      // The trait is about such lists alone: execute takes any number of rows as parameters.
      let two =
        connection.traits.maxRowsPerExecute == 1
        ? "\(insert) ('a', 'it''s');\n\(insert) ('b', NULL)" : "\(insert) ('a', 'it''s'), ('b', NULL)"
      try connection.execute("\(two);\n DELETE FROM \(name) ; \(insert) ('c', '')", operation: bench.operation)
      try bench.expectRows([[.text("c"), .text("")]], connection, "after three statements")
      for nothing in ["", " \n"] { try connection.execute(nothing, operation: bench.operation) }
      try bench.expectRows([[.text("c"), .text("")]], connection, "after an empty text")
    },

    Rule(
      407, .failures, "fail() is called once by a call that fails, with the returned code, and never by any other call"
    ) { bench in
      try bench.fill().close()
      let connection = try bench.open()
      let (select, insert) = (try bench.selection(connection), try bench.literalInsertion(connection))
      connection.close()
      let raw = try RawDriver(bench).open(bench)
      defer { raw.close() }
      let duplicate = "\(insert) ('twice', NULL); \(insert) ('twice', NULL)"
      for (what, answer) in [
        ("execute of an invalid statement", raw.execute("SELEKT something")),
        ("query of an invalid statement", raw.query("SELEKT something", RawRows())),
        ("a broken constraint", raw.execute(duplicate)),
      ] {
        try expect(answer.code != BELAY_OK, "\(what) did not fail")
        try expect(answer.slot.reports == 1, "\(what) called fail() \(answer.slot.reports) times")
        try expect(
          answer.slot.reportedCode == answer.code,
          "\(what) returned \(answer.code) but reported \(answer.slot.reportedCode)")
        try expect((1...13).contains(answer.code), "\(what) returned \(answer.code), which is not a code of the ABI")
      }
      for (what, answer) in [("a query", raw.query(select, RawRows())), ("an empty text", raw.execute(" "))] {
        try expect(answer.code == BELAY_OK, "\(what) failed: \(answer.message)")
        try expect(answer.slot.reports == 0, "\(what) called fail() but returned BELAY_OK")
      }
    },

    Rule(
      408, .failures,
      "a connection that the network interrupts fails with IO, or works again; it never crashes or hangs"
    ) { bench in
      try bench.fill().close()
      let before = Self.sockets()
      let connection = try bench.open()
      let own = Self.sockets().subtracting(before)
      if own.isEmpty { throw Skip("connections have no socket that could be interrupted") }
      for socket in own { shutdown(socket, Int32(SHUT_RDWR)) }
      for attempt in 1...2 {
        do {
          try connection.execute(bench.literalDeletion(bench.open("app")), operation: bench.operation)
        } catch let error as DriverError {
          try expect(
            error.code == .io, "call \(attempt) after the interruption failed with \(error.code): \(error.message)")
          try expect(
            error.outcome == .notApplied || error.outcome == .unknown,
            "call \(attempt) after the interruption reported \(error.outcome)")
        }
      }
      connection.close()
      try bench.open().close()
    },
  ]

  /// Requires that a call that fails halfway reports how much took effect, and runs nothing after the failure.
  private static func expectOutcome(_ bench: Bench, _ connection: Connection, _ body: () throws -> Void) throws {
    let error = try failure(of: "an INSERT of a duplicate key", body)
    try expect(error.code == .constraint, "it failed with \(error.code), not constraint: \(error.message)")
    let added = try bench.rows(connection).count - bench.specimen.rows.count
    let expected: DriverError.Outcome = added == 0 ? .notApplied : .partial
    try expect(error.outcome == expected, "\(added) rows were added, but the outcome is \(error.outcome)")
    try expect(added < 2, "it continued after the failure")
  }

  /// The sockets among the descriptors of this process.
  private static func sockets() -> Set<Int32> {
    Set(
      (0..<Int32(1024)).filter { descriptor in
        var status = stat()
        return fstat(descriptor, &status) == 0 && status.st_mode & S_IFMT == S_IFSOCK
      })
  }
}

extension Bench {
  /// "INSERT INTO table (columns) VALUES", for literals.
  func literalInsertion(_ connection: Connection) throws -> String {
    let (table, traits) = (try table(connection), connection.traits)
    return "INSERT INTO \(traits.quoted(schema: table.schema, name: table.name)) (\(table.selectList(traits))) VALUES"
  }

  /// Removes all rows of the specimen's table.
  func literalDeletion(_ connection: Connection) throws -> String {
    let (table, traits) = (try table(connection), connection.traits)
    return "DELETE FROM \(traits.quoted(schema: table.schema, name: table.name))"
  }
}

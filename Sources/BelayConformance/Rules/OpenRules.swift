import BelayArchive
import BelayDrivers
import CBelayDriver
import Foundation

extension Rule {
  /// 201 to 211: open, close, describe.
  static let open: [Rule] = [
    Rule(201, .open, "create creates an empty database; it fails on one that is not empty, and leaves it unchanged") {
      bench in
      let connection = try bench.create()
      let hasRows = try bench.content(connection).digests.values.contains { $0.rows > 0 }
      try expect(!hasRows, "a database that was just created contains rows")
      try bench.makeTable(connection)
      try bench.insert(bench.specimen.cells, into: connection)
      connection.close()
      let error = try failure(of: "create on a database with rows") { _ = try bench.create() }
      try expect(error.outcome == .notApplied, "create failed and reported \(error.outcome), not NOT_APPLIED")
      try bench.expectRows(bench.specimen.cells, bench.open(), "after a create that failed")
    },

    Rule(202, .open, "opening a missing database fails with NOT_FOUND, and does not create it") { bench in
      for attempt in ["opening a missing database", "opening it again"] {
        try refusal(of: attempt, [.notFound]) { _ = try bench.open("nothing") }
      }
    },

    Rule(203, .open, "an unknown option fails with INVALID") { bench in
      try bench.fill().close()
      try refusal(of: "opening with an unknown option", [.invalid]) {
        _ = try bench.open(options: [DriverOption(key: "no such option", value: "1")])
      }
    },

    Rule(204, .open, "the option scratch_dir is accepted, and create=0 does not create anything") { bench in
      try bench.fill().close()
      let folder = FileManager.default.temporaryDirectory.path
      try bench.open(options: [.scratchFolder(folder)]).close()
      let connection = try bench.open(options: [DriverOption(key: "create", value: "0")])
      try bench.expectRows(bench.specimen.cells, connection, "opened with create=0")
    },

    Rule(205, .open, "with read_only, reading works and writing fails with DENIED") { bench in
      try bench.fill().close()
      let connection = try bench.open(options: [.readOnly])
      try bench.expectRows(bench.specimen.cells, connection, "opened read-only")
      try expect(connection.traits.isReadOnly, "the traits of a read-only connection do not say READ_ONLY")
      try refusal(of: "an INSERT on a read-only connection", [.denied]) {
        try bench.insert([[.text("new"), .null]], into: connection)
      }
      try bench.expectRows(bench.specimen.cells, bench.open(), "after a write that was denied")
    },

    Rule(206, .open, "a file that is not a database fails with CORRUPT, and is not changed") { bench in
      guard !bench.specimen.garbage.isEmpty else {
        throw Skip("the specimen has no content for a file that is not a database")
      }
      try bench.create("garbage").close()
      let file = String(bench.url("garbage").drop { $0 != "/" })
      let garbage = Data(bench.specimen.garbage.utf8)
      try garbage.write(to: URL(filePath: file))
      try refusal(of: "opening a file that is not a database", [.corrupt]) { _ = try bench.open("garbage") }
      try expect(try Data(contentsOf: URL(filePath: file)) == garbage, "the file was changed")
    },

    Rule(
      207, .open,
      "every connection to a database has the same identity, even after a write; another database has another one"
    ) { bench in
      let (one, other) = (try bench.fill("one"), try bench.fill("other"))
      let again = try bench.open("one")
      try expect(one.traits.identity == again.traits.identity, "a second connection has a different identity")
      try expect(one.traits.identity != other.traits.identity, "two databases have the same identity")
      try bench.insert([[.text("new"), .null]], into: again)
      try expect(try one.describe().identity == one.traits.identity, "after a write the identity is different")
    },

    Rule(208, .open, "opening and closing leaves no descriptor, thread or memory behind", limit: .seconds(120)) {
      bench in
      try bench.fill().close()
      try expectNothingLeft(60, "opening and closing") { try bench.open().close() }
      try expectNothingLeft(30, "opening a missing database") {
        _ = try failure(of: "opening a missing database") { _ = try bench.open("nothing") }
      }
    },

    Rule(209, .open, "a failed open leaves the connection NULL, and reports the reason once") { bench in
      try bench.create().close()
      let raw = try RawDriver(bench)
      let (answer, connection) = try raw.openResult(bench, "nothing")
      try expect(answer.code != BELAY_OK, "opening a missing database did not fail")
      try expect(connection == nil, "it failed, but returned a connection")
      try expect(answer.slot.reports == 1, "fail() was called \(answer.slot.reports) times")
      let told = answer.slot.reportedCode
      try expect(told == answer.code, "it returned \(answer.code) but reported \(told)")
    },

    Rule(210, .open, "describe reports the size of the database, or that it is not known") { bench in
      let connection = try bench.fill(rows: [])
      let before = try connection.describe().databaseBytes
      try bench.insert(Bench.many(200, bytes: 5000), into: connection)
      let after = try connection.describe().databaseBytes
      try expect(
        before == 0 && after == 0 || after > before,
        "database_bytes went from \(before) to \(after) while a MB was written")
    },

    Rule(211, .open, "a connection can be used from any thread, by one at a time") { bench in
      let connection = Lent(try bench.fill())
      let lent = Lent(bench)
      for _ in 0..<3 {
        try onThread {
          try lent.value.expectRows(lent.value.specimen.cells, connection.value, "read from another thread")
        }
      }
      try onThread { connection.value.close() }
    },
  ]
}

/// Passed from thread to thread, and used by one at a time.
struct Lent<Value>: @unchecked Sendable {
  let value: Value
  init(_ value: Value) { self.value = value }
}

/// Runs body on a thread of its own, and waits for it.
func onThread(_ body: @escaping @Sendable () throws -> Void) throws {
  try onThreads([body])
}

/// Runs each on a thread of its own at the same time, and waits for all; throws the first error.
func onThreads(_ bodies: [@Sendable () throws -> Void]) throws {
  let done = DispatchGroup()
  let outcomes = bodies.map { body in
    let outcome = Outcome()
    done.enter()
    Thread.detachNewThread {
      outcome.result = Result { try body() }
      done.leave()
    }
    return outcome
  }
  done.wait()
  for outcome in outcomes { try outcome.result.get() }
}

/// Written by one thread, and read after that has ended.
private final class Outcome: @unchecked Sendable {
  var result: Result<Void, any Error> = .success(())
}

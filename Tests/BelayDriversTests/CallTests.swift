import CBelayDriver
import Foundation
import Synchronization
import Testing

@testable import BelayDrivers

@Suite("Calls into a driver that breaks the rules")
struct CallTests {
  private let operation = BelayDrivers.Operation()

  private func connect(_ mode: String = "") throws -> Connection {
    try BuiltDrivers.rogue().open("rogue:" + mode, operation: operation)
  }

  /// What a call throws; fails the test where it throws nothing of the kind.
  private func failure(_ body: () throws -> Void) throws -> DriverError {
    try #require(#expect(throws: DriverError.self) { try body() })
  }

  @Test(
    "a write whose failure breaks the rules is an internal error of unknown outcome, naming the driver",
    arguments: [
      ("code outside the table", "it returned 99 without reporting the failure"),
      ("code outside the table, reported", "it returned 99, which is not a code of the ABI: ninety-nine"),
      ("negative code", "it returned -1 without reporting the failure"),
      ("no fail", "it returned 11 without reporting the failure"),
      ("two codes", "it returned 6 but reported 11: one thing"),
      ("fail and ok", "it reported a failure but returned success: not really"),
    ])
  func badCodes(sql: String, rule: String) throws {
    let connection = try connect()
    let error = try failure { try connection.execute(sql, operation: operation) }
    #expect(error.code == .internal)
    #expect(error.outcome == .unknown)
    #expect(error.message == "driver rogue 0.1 has a defect: in execute, \(rule)")
    #expect(error.hint?.contains("belay-driver-rogue.so") == true)
  }

  @Test("a driver may quote its URL wherever it speaks: no password of it gets through")
  func quoted() throws {
    let said = Mutex<[String]>([])
    let operation = BelayDrivers.Operation(
      onLog: { _, text in said.withLock { $0.append(text) } },
      onProgress: { _, _, what in said.withLock { $0.append(what) } })
    let connection = try BuiltDrivers.rogue().open("rogue://me:S3cretPw@h/x", operation: operation)
    for sql in ["quote the url", "quote the url of a defect"] {
      let error = try failure { try connection.execute(sql, operation: operation) }
      said.withLock { $0 += [error.message, error.hint ?? ""] }
    }
    let preflight = try #require(try connection.preflight([], operation: operation)?.first)
    let lint = try #require(try connection.lint("x", operation: operation)?.first)
    let integrity = try #require(try connection.integrity(full: true, operation: operation)?.first)
    said.withLock {
      $0 += [preflight.message, preflight.hint ?? "", lint.message, lint.hint ?? "", integrity.message]
    }
    let texts = said.withLock { $0 }
    #expect(texts.count { $0.contains("rogue://me:***@h/x") } == 10, "\(texts)")
    #expect(!texts.contains { $0.contains("S3cret") }, "\(texts)")
  }

  @Test("a failure comes over whole, with what was called")
  func wholeError() throws {
    let connection = try connect()
    let error = try failure { try connection.execute("whole error", operation: operation) }
    #expect(
      error
        == DriverError(
          .constraint, outcome: .partial, sqlState: "23505", vendorCode: 2067, sqlOffset: 7, message: "key exists",
          hint: "another", call: "execute", sql: "whole error"))
  }

  @Test(
    "a failure told badly is still told",
    arguments: [
      ("odd outcome", DriverError.Outcome.unknown, "who knows"), ("odd message", .partial, "caf\u{fffd}"),
      ("no message", .partial, "no reason given"), ("message at NULL", .partial, "no reason given"),
    ])
  func badlyTold(sql: String, outcome: DriverError.Outcome, message: String) throws {
    let connection = try connect()
    let error = try failure { try connection.execute(sql, operation: operation) }
    #expect(error == DriverError(.sql, outcome: outcome, message: message, call: "execute", sql: sql))
  }

  @Test(
    "a result that breaks the rules ends the query as an internal error, and no closure sees it",
    arguments: [
      ("no columns", "it ended a result without passing its columns"),
      ("rows before columns", "it passed rows before columns"),
      ("rows before columns, unheeded", "it passed rows before columns"),
      ("columns at NULL", "it passed 3 columns at NULL"),
      ("columns twice", "it passed the columns of a result twice"),
      ("a column with an odd name", "the name of column 1 is not UTF-8"),
      ("wide batch", "it passed a batch with 2 columns in a result with 1"),
      ("batch at NULL", "it passed a batch that is NULL"),
      ("cells at NULL", "it passed a batch of 1 rows with cells at NULL"),
      ("endless batch", "it passed a batch of 18446744073709551615 rows"),
      ("odd type", "it passed a cell of the unknown type 7"),
      ("endless text", "it passed a value of 18446744073709551615 bytes"),
      ("text at NULL", "it passed a value of 5 bytes at NULL"),
    ])
  func badResults(sql: String, rule: String) throws {
    let connection = try connect()
    var batches = 0
    let error = try failure {
      try connection.query(sql, operation: operation, rows: { _ in batches += 1 })
    }
    #expect(error.code == .internal)
    #expect(error.outcome == .notApplied)
    #expect(error.message == "driver rogue 0.1 has a defect: in query, \(rule)")
    #expect(batches == 0)
  }

  @Test("an empty batch is no defect")
  func emptyBatch() throws {
    #expect(try connect().values("empty batch", operation: operation) == [])
  }

  @Test(
    "what a closure throws stops the query and comes out as it is", arguments: ["endless", "no code from the sink"])
  func throwingSink(sql: String) throws {
    struct Enough: Error {}
    let connection = try connect()
    var rows = 0
    #expect(throws: Enough.self) {
      try connection.query(
        sql, operation: operation,
        rows: { _ in
          rows += 1
          if rows == (sql == "endless" ? 1000 : 1) { throw Enough() }
        })
    }
    #expect(rows == (sql == "endless" ? 1000 : 1))
    #expect(throws: Enough.self) {
      try connection.query(sql, operation: operation, columns: { _ in throw Enough() }, rows: { _ in })
    }
    #expect(try connection.values("empty batch", operation: operation) == [], "the connection is still good")
  }

  @Test("values of every type go to the driver and come back")
  func echo() throws {
    let values: [Value] = [
      .null, .bool(true), .bool(false), .integer(.min), .integer(.max), .real(-0.0), .real(.infinity),
      .text(""), .text("a\0b"), .text("né"), .blob([]), .blob([0, 255]), .native("1.50"),
    ]
    #expect(try connect().values("echo", parameters: values, operation: operation) == [values])
  }

  @Test("rows of parameters arrive in one call")
  func parameterRows() throws {
    let connection = try connect()
    let rows: [[Value]] = [[.text("a"), .integer(1)], [.null, .blob([1])], [.real(2), .bool(true)]]
    #expect(try connection.execute("insert", rows: rows, operation: operation) == 302)
    #expect(try connection.execute("insert", rows: [], operation: operation) == 0)
    let error = try failure { try connection.execute("insert", rows: [[.null], []], operation: operation) }
    #expect(error.code == .invalid)
    #expect(error.message == "row 2 of the parameters has 0 values, but the first one has 1")
  }

  @Test("the host's callbacks reach the operation, and a NULL operation reaches nobody")
  func callbacks() throws {
    let heard = Mutex<[String]>([])
    let talkative = BelayDrivers.Operation(
      timeout: .seconds(100), onLog: { level, text in heard.withLock { $0.append("\(level) \(text)") } },
      onProgress: { done, total, what in heard.withLock { $0.append("\(done)/\(total) \(what)") } })
    let connection = try connect()
    #expect(try connection.execute("talk", operation: talkative) == 1)
    #expect(heard.withLock { $0 } == ["warning careful", "error loud", "1/2 half"])
    let left = try #require(try connection.execute("time left", operation: talkative))
    #expect(left > 50_000 && left <= 100_000)
    #expect(try connection.execute("time left", operation: operation) == nil, "-1: no deadline")
    #expect(try connection.execute("unknown rows", operation: operation) == nil)
    #expect(try connection.execute("host extension", operation: operation) == 1)
  }

  @Test("a connection is described, and one that cannot be is closed again")
  func described() throws {
    let connection = try connect()
    #expect(connection.traits.serverName == "Rogue")
    #expect(connection.traits.maxParameters == .max)
    #expect(connection.traits.quoted("a\"b") == "\"a\"\"b\"")
    #expect(connection.traits.quoted(schema: "s", name: "t") == "\"s\".\"t\"")
  }

  @Test(
    "traits that cannot be used are an internal error",
    arguments: [
      ("no quote", "ident_quote is not one character"), ("long quote", "ident_quote is not one character"),
      ("odd parameters", "param_style is neither ? nor $1"), ("odd identity", "identity is not UTF-8"),
      ("half a transaction", "it claims TXN without txn_begin, txn_commit and txn_rollback"),
    ])
  func badTraits(mode: String, rule: String) throws {
    let error = try failure { _ = try connect(mode) }
    #expect(error.code == .internal)
    #expect(error.message == "driver rogue 0.1 has a defect: in describe, \(rule)")
  }

  @Test("an open that fails, or returns nothing, is an error")
  func badOpen() throws {
    #expect(try failure { _ = try connect("refuse") }.code == .auth)
    #expect(try failure { _ = try connect("describe fails") }.code == .io)
    let nothing = try failure { _ = try connect("no connection") }
    #expect(nothing.message.contains("it returned neither a connection nor an error"))
  }

  @Test("a closed connection answers nothing, and can be closed again")
  func closed() throws {
    let connection = try connect()
    connection.close()
    connection.close()
    #expect(try failure { try connection.execute("talk", operation: operation) }.code == .invalid)
    #expect(try failure { _ = try connection.describe() }.message.contains("closed"))
  }

  @Test("a call from within another call's closure is refused")
  func nested() throws {
    let connection = try connect()
    let error = try failure {
      try connection.query(
        "endless", operation: operation, rows: { _ in try connection.execute("talk", operation: operation) })
    }
    #expect(error.code == .invalid)
    #expect(error.message == "execute was called from within another call on its connection")
  }

  @Test(
    "a catalog that breaks the rules is an internal error",
    arguments: [
      ("object at NULL", "it passed an object that is NULL"),
      ("object without kind", "it passed an object without a kind"),
      ("object with an odd name", "the name of table caf\u{fffd} is not UTF-8"),
    ])
  func badCatalog(mode: String, rule: String) throws {
    let connection = try connect(mode)
    let error = try failure { _ = try connection.catalog(operation: operation) }
    #expect(error.code == .internal)
    #expect(error.message == "driver rogue 0.1 has a defect: in catalog, \(rule)")
  }

  @Test("an object from before a member was there is read as far as it goes")
  func oldObject() throws {
    let object = try #require(try connect("old object").catalog(operation: operation).objects.first)
    #expect(object.name == "t")
    #expect(object.ddl == "")
    #expect(object.rowEstimate == 0, "the member came later, too")
  }
}

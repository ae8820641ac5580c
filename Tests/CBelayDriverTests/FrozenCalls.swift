import Foundation
import Testing

@testable import BelayDrivers

/// Every call that a host can make of the frozen driver, and what it must answer: `Frozen/1.0/driver.c`.
enum FrozenCalls {
  static let extensions = [
    "belay.script/1", "belay.snapshot/1", "belay.rows/1", "belay.token/1", "belay.scratch/1", "belay.rewind/1",
    "belay.atomic/1", "belay.lock/1", "belay.sessions/1", "belay.explain/1", "belay.lint/1", "belay.integrity/1",
    "belay.preflight/1",
  ]

  private static let operation = BelayDrivers.Operation()

  static func expectTraits(_ traits: Traits) {
    #expect(traits.hasTransactions && traits.hasTransactionalDDL && traits.hasStableRead)
    #expect(traits.isExclusive && traits.swaps && !traits.isReadOnly)
    #expect([traits.serverName, traits.serverVersion] == ["Frozen", "1.0"])
    #expect([traits.identifierQuote, traits.parameterStyle] == ["`", "$1"])
    #expect(traits.identity == "frozen:somewhere")
    #expect([traits.begin, traits.commit, traits.rollback] == ["BEGIN", "COMMIT", "ROLLBACK"])
    #expect([traits.loadBegin, traits.loadEnd] == ["LOAD", "LOADED"])
    #expect(traits.maxSQLBytes == 1001 && traits.maxParameters == 1002 && traits.maxRowsPerExecute == 1003)
    #expect(traits.databaseBytes == 1004 && traits.freeBytes == 1005)
    #expect(traits.restoreSteps == ["first step", "second step"])
    #expect(traits.convention == "frozen-convention")
    #expect(traits.hexText == "UNHEX('?')")
  }

  static func core(_ connection: Connection, hasDrop: Bool) throws {
    let said = Said()
    let talking = BelayDrivers.Operation(
      timeout: .seconds(1000), onLog: { level, line in said.add("\(level) \(line)") },
      onProgress: { done, total, what in said.add("\(done) of \(total) \(what)") })
    let left = try #require(try connection.execute("X", operation: talking))
    #expect((1...1_000_000).contains(left))
    #expect(said.lines == ["1 of 2 half", "notice noted"])
    #expect(try connection.execute("X", rows: [[.null, .null], [.null, .null]], operation: operation) == 4)

    let error = try #require(
      #expect(throws: DriverError.self) { try connection.execute("FAIL", operation: operation) })
    #expect(error.code == .constraint && error.outcome == .partial)
    #expect(error.sqlState == "57014" && error.vendorCode == -7 && error.sqlOffset == 3)
    #expect(error.message.contains("the message") && error.hint == "the hint")

    let every: [Value] = [
      .null, .bool(true), .integer(.min), .real(0.5), .text("t\0x"), .blob([0xff]), .native("12.50"),
    ]
    var names: [String] = []
    try connection.query("X", operation: operation, columns: { names = $0.map(\.name) }, rows: { _ in })
    #expect(names == ["null", "bool", "i64", "f64", "text", "blob", "native"])
    #expect(try connection.values("X", operation: operation) == [every])
    #expect(try connection.values("X", parameters: every, operation: operation) == [every], "there and back")

    let objects = try connection.catalog(operation: operation).objects
    #expect(objects.map(\.kind) == ["table", "column"])
    #expect(objects.map(\.schema) == ["main", "main"])
    #expect(objects.map(\.name) == ["t", "c"])
    #expect(objects.map(\.parent) == ["", "t"])
    #expect(objects.map(\.nativeType) == ["", "ANY"])
    #expect(objects.map(\.definition) == ["t (c)", "ANY"])
    #expect(objects.map(\.ddl) == ["CREATE TABLE t (c)", ""])
    #expect(objects.map(\.drop) == [hasDrop ? "DROP TABLE t" : nil, nil])
    #expect(objects.map(\.flags) == [.internal, .notNull])
    #expect(objects.map(\.rowEstimate) == [42, nil])
  }

  static func reading(_ connection: Connection) throws {
    let statement = try #require(try connection.split("(DO IT)", operation: operation).first)
    #expect(statement.sql == "DO IT" && statement.offset == 1 && statement.line == 1)
    #expect(statement.flags == .refusesTransaction && statement.note == "the note")
    #expect(
      statement.writes == [ScriptWrite(kind: "index", schema: "main", name: "i", parent: "t", actions: .create)])
    #expect(
      try connection.explain("X", operation: operation) == [
        PlanStep(depth: 1, detail: "detail", table: "table", isFullScan: true, rows: 5)
      ])
    #expect(
      try connection.lint("X", operation: operation) == [
        LintFinding(line: 1, .warning, rule: "rule", "message", hint: "hint")
      ])
  }

  static func snapshot(_ connection: Connection, hasText: Bool) throws {
    let formats = [
      DumpFormat("frozen_dump", fileExtension: "fd", isStored: false),
      DumpFormat("frozen_packed", fileExtension: "fz", isStored: true),
    ]
    #expect(connection.formats() == formats)
    let written = try written { try connection.dump("frozen_dump", token: "view", operation: operation, into: $0) }
    #expect(written == "dump|frozen_dump|view|")
    let dump = Dump(written)
    try connection.verifyDump("frozen_dump", operation: operation, from: dump.read)
    try connection.restoreDump("frozen_dump", operation: operation, from: dump.again().read)
    let error = try #require(
      #expect(throws: DriverError.self) {
        try connection.verifyDump("frozen_dump", operation: operation, from: Dump("something else").read)
      })
    #expect(error.code == .corrupt)
    #expect(try connection.rendersDumps(operation: operation) == hasText)
    if hasText {
      let text = try self.written {
        try connection.renderDump("frozen_dump", operation: operation, from: dump.again().read, into: $0)
      }
      #expect(text == "text|frozen_dump||")
    }
  }

  static func rows(_ connection: Connection) throws {
    let columns = ["a", "b"].map { SchemaObject(kind: "column", schema: "main", name: $0, parent: "t") }
    let table = CatalogTable(object: SchemaObject(kind: "table", schema: "main", name: "t"), columns: columns)
    var (names, values): ([String], [[Value]]) = ([], [])
    try connection.read(
      table, operation: operation, columns: { names = $0.map(\.name) }, rows: { values += $0.values })
    #expect(names == ["a", "b"])
    #expect(values == [[.text("main"), .text("t")]])
    try connection.load([[.integer(1), .integer(2)], [.integer(3), .integer(4)]], into: table, operation: operation)
    let error = try #require(
      #expect(throws: DriverError.self) {
        try connection.load([[.integer(1), .integer(2)]], into: table, operation: operation)
      })
    #expect(error.code == .constraint && error.outcome == .notApplied)
  }

  static func interruptedState(_ connection: Connection) throws {
    #expect(try connection.acquireToken(operation: operation) == "view-1")
    try connection.adopt(token: "view-1", operation: operation)
    try connection.releaseToken(operation: operation)
    #expect(
      try connection.createScratch(name: "one", operation: operation) == "frozen:create|one|frozen:somewhere|")
    #expect(
      try connection.locateScratch(name: "one", operation: operation) == "frozen:locate|one|frozen:somewhere|")
    try connection.promote("frozen:one", operation: operation)
    try connection.dropScratch("frozen:two", operation: operation)
    #expect(try connection.markPresent(operation: operation) == "now")
    #expect(try connection.mark(atMilliseconds: 1_700_000_000_123, operation: operation) == "at 1700000000123")
    #expect(try connection.rewind(to: "there", operation: operation) == "undo|there||")
    try connection.executeAtomically(["one", "two"], operation: operation)
    let failed = try #require(
      #expect(throws: DriverError.self) {
        try connection.executeAtomically(["one", "three"], operation: operation)
      })
    #expect(failed.statement == 1)
    try connection.lock("belay", operation: operation)
    try connection.unlock("belay", operation: operation)
    let busy = try #require(#expect(throws: DriverError.self) { try connection.lock("x", operation: operation) })
    #expect(busy.code == .busy)
  }

  static func checking(_ connection: Connection) throws {
    #expect(
      try connection.sessions(operation: operation) == [
        Session(
          id: "id", user: "user", application: "application", since: "since", state: "state", statement: "statement")
      ])
    try connection.terminateSession("id", operation: operation)
    for (full, word) in [(true, "full"), (false, "quick")] {
      #expect(
        try connection.integrity(full: full, operation: operation) == [
          IntegrityFinding(check: word, object: "object", identity: "identity", message: "message")
        ])
    }
    #expect(
      try connection.preflight([.dump, .write], operation: operation) == [
        PreflightFinding(.note, rule: "rule", subject: "subject", "message", hint: "hint")
      ])
  }

  // MARK: Streams

  private static func written(_ body: ((UnsafeRawBufferPointer) throws -> Void) throws -> Void) throws -> String {
    var bytes: [UInt8] = []
    try body { bytes.append(contentsOf: $0) }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A dump that is read a byte at a time.
  private final class Dump {
    private let bytes: [UInt8]
    private var at = 0
    init(_ text: String) { bytes = Array(text.utf8) }

    func again() -> Dump { Dump(String(decoding: bytes, as: UTF8.self)) }

    func read(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
      guard at < bytes.count else { return 0 }
      buffer[0] = bytes[at]
      at += 1
      return 1
    }
  }

  /// What the driver said, from whatever thread.
  private final class Said: @unchecked Sendable {
    private let guardian = NSLock()
    private var all: [String] = []
    var lines: [String] { guardian.withLock { all } }
    func add(_ line: String) { guardian.withLock { all.append(line) } }
  }
}

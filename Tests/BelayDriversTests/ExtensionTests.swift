import Testing

@testable import BelayDrivers

@Suite("Extensions, and doing without")
struct ExtensionTests {
  private let operation = BelayDrivers.Operation()

  private func connect(_ mode: String = "") throws -> Connection {
    try BuiltDrivers.rogue().open("rogue:" + mode, operation: operation)
  }

  private func failure(_ body: () throws -> Void) throws -> DriverError {
    try #require(#expect(throws: DriverError.self) { try body() })
  }

  @Test("a driver lists its extensions")
  func listed() throws {
    #expect(
      try BuiltDrivers.rogue().extensionIDs == [
        "belay.script/1", "belay.snapshot/1", "belay.rows/1", "belay.token/1", "belay.rewind/1", "belay.atomic/1",
        "belay.sessions/1", "belay.lint/1", "belay.integrity/1", "belay.preflight/1",
      ])
  }

  @Test("without extensions the host does what it can, and says what it cannot know")
  func withoutAny() throws {
    let connection = try BuiltDrivers.rogue().coreOnly().open("rogue:", operation: operation)
    let script = "first;\nsécond"
    let statements = try connection.split(script, operation: operation)
    #expect(
      statements == [
        Statement(
          offset: 0, length: 14, line: 1, flags: .unread, writes: [],
          note: "driver rogue cannot tell what a script writes", sql: script)
      ])
    #expect(connection.formats() == [])
    #expect(try connection.acquireToken(operation: operation) == nil)
    #expect(try connection.markPresent(operation: operation) == nil)
    #expect(try connection.sessions(operation: operation) == nil)
    #expect(try connection.explain("x", operation: operation) == nil)
    #expect(try connection.lint("x", operation: operation) == nil)
    #expect(try connection.integrity(full: true, operation: operation) == nil)
    #expect(!connection.hasScratch)
    #expect(try connection.support(for: .scratch) == .absent)
    let error = try failure { _ = try connection.createScratch(name: "x", operation: operation) }
    #expect(error == DriverError(.unsupported, message: "driver rogue does not have belay.scratch/1"))
    let atomic = try failure { try connection.executeAtomically(["x"], operation: operation) }
    #expect(atomic.code == .unsupported)
  }

  @Test("an extension that is refused here counts as absent, and the reason is kept")
  func refused() throws {
    let connection = try connect("no extensions here")
    guard case .refused(let refusal) = try connection.support(for: .snapshot) else {
      Issue.record("it is not refused")
      return
    }
    #expect(refusal.code == .unsupported && refusal.message == "not on this server")
    #expect(connection.formats() == [])
    #expect(try connection.split("one", operation: operation).first?.flags == .unread)
    #expect(try failure { try connection.dump("x", token: nil, operation: operation) { _ in } } == refusal)
  }

  @Test("a probe that fails for another reason is an error, not an absent extension")
  func probeFails() throws {
    let connection = try connect("probe fails")
    #expect(try failure { _ = try connection.split("one", operation: operation) }.code == .io)
    #expect(try failure { try connection.dump("x", token: nil, operation: operation) { _ in } }.code == .io)
  }

  @Test("statements come with their text and what they write")
  func split() throws {
    let statement = try #require(try connect().split("one two", operation: operation).first)
    #expect(statement.sql == "one")
    #expect(statement.writes == [ScriptWrite(kind: "table", name: "t", actions: [.insert, .delete])])
  }

  @Test(
    "statements that are no parts of the script are an internal error",
    arguments: [
      ("beyond", "it passed a statement of 3 bytes at byte 4, in a script of 6 bytes"),
      (
        "far beyond",
        "it passed a statement of 9223372036854775807 bytes at byte 9223372036854775807, in a script of 10 bytes"
      ),
      ("twice the same", "it passed a statement of 3 bytes at byte 0, in a script of 14 bytes"),
      ("statement at NULL", "it passed a statement that is NULL"),
      ("writes at NULL", "it passed 1 writes at NULL"),
      ("odd write", "the name of what a statement writes is not UTF-8"),
      ("cée", "it split a character at byte 0 or 2 of the script"),
    ])
  func badSplit(script: String, rule: String) throws {
    let connection = try connect()
    let error = try failure { _ = try connection.split(script, operation: operation) }
    #expect(error.code == .internal)
    #expect(error.message == "driver rogue 0.1 has a defect: in belay.script/1.split, \(rule)")
  }

  @Test("a dump is written and read through closures, and what they throw comes out")
  func dump() throws {
    struct Full: Error {}
    let connection = try connect()
    #expect(
      connection.formats() == [
        DumpFormat("rogue_dump", fileExtension: "rdb"), DumpFormat("plain", fileExtension: "plain"),
      ])
    var written: [UInt8] = []
    try connection.dump("rogue_dump", token: nil, operation: operation) { written += $0 }
    #expect(written == Array("onetwo".utf8))
    #expect(throws: Full.self) {
      try connection.dump("rogue_dump", token: nil, operation: operation) { _ in throw Full() }
    }
    #expect(throws: Full.self) {
      try connect("no code from the sink").dump("x", token: nil, operation: operation) { _ in throw Full() }
    }
    let defect = try failure {
      try connect("bytes at NULL").dump("x", token: nil, operation: operation) { _ in }
    }
    #expect(defect.message.contains("it wrote 3 bytes at NULL"))
  }

  @Test("a source is read to its end, and what it throws comes out")
  func source() throws {
    struct Cut: Error {}
    let connection = try connect()
    var left = 10
    try connection.verifyDump("x", operation: operation) { buffer in
      let count = min(left, buffer.count)
      for index in 0..<count { buffer[index] = UInt8(ascii: ".") }
      left -= count
      return count
    }
    #expect(left == 0)
    #expect(throws: Cut.self) { try connection.restoreDump("x", operation: operation) { _ in throw Cut() } }
    let damaged = try failure {
      try connection.verifyDump("x", operation: operation) { buffer in
        buffer[0] = UInt8(ascii: "!")
        return 1
      }
    }
    #expect(damaged.code == .corrupt)
  }

  @Test("rows without the required columns, and tokens that are not text, are internal errors")
  func badRows() throws {
    let rows = try failure { _ = try connect().sessions(operation: operation) }
    #expect(
      rows.message
        == "driver rogue 0.1 has a defect: in belay.sessions/1.list, its rows do not have the required columns")
    let odd = try failure { _ = try connect().acquireToken(operation: operation) }
    #expect(odd.message.contains("it wrote text that is not UTF-8"))
    let empty = try failure { _ = try connect("empty token").acquireToken(operation: operation) }
    #expect(empty.message.contains("it wrote nothing"))
  }

  @Test("the engine's own rewind gets its bookmarks")
  func rewind() throws {
    let connection = try connect()
    #expect(try connection.markPresent(operation: operation) == "now|")
    #expect(try connection.mark(atMilliseconds: 1_234_567_890_123, operation: operation) == "then|")
    #expect(try connection.rewind(to: "there", operation: operation) == "undo|there|")
  }

  @Test("statements to run as one arrive in their order")
  func atomic() throws {
    let connection = try connect()
    try connection.executeAtomically(["first", "", "third"], operation: operation)
    try connection.executeAtomically([], operation: operation)
    let error = try failure { try connection.executeAtomically(["first", "", "fourth"], operation: operation) }
    #expect(error == DriverError(.sql, statement: 2, message: "wrong", call: "belay.atomic/1.run", sql: "fourth"))
  }

  @Test("which statement failed is known, or not, or is one that was there")
  func atomicIndex() throws {
    let silent = try failure {
      try connect("does not know").executeAtomically(["first", "second"], operation: operation)
    }
    #expect(silent == DriverError(.sql, message: "wrong", call: "belay.atomic/1.run", sql: "first;\nsecond"))
    let odd = try failure { try connect("beyond the last").executeAtomically(["second"], operation: operation) }
    #expect(odd.code == .internal && odd.outcome == .unknown)
    #expect(odd.message.contains("in belay.atomic/1.run, it says that statement 1 failed"))
  }

  private static let table = CatalogTable(
    object: SchemaObject(kind: "table", schema: "s", name: "t \" 1"),
    columns: ["a", "b"].map { SchemaObject(kind: "column", schema: "s", name: $0, parent: "t \" 1") })

  @Test("a table's rows are read and loaded by names, which are not quoted")
  func rows() throws {
    let connection = try connect()
    var (names, values): ([String], [[Value]]) = ([], [])
    try connection.read(
      Self.table, operation: operation, columns: { names = $0.map(\.name) }, rows: { values += $0.values })
    #expect(names == ["a", "b"])
    #expect(values == [[.text("s"), .text("t \" 1")]])
    try connection.load([[.null, .null], [.null, .null]], into: Self.table, operation: operation)
    try connection.load([], into: Self.table, operation: operation)
    let error = try failure { try connection.load([[.null, .null]], into: Self.table, operation: operation) }
    #expect(error == DriverError(.notFound, outcome: .partial, message: "not two rows", call: "belay.rows/1.load"))
    try connection.terminateSession("7", operation: operation)
  }

  @Test("columns that were not asked for are a defect, and no row of theirs is seen")
  func otherColumns() throws {
    var seen: [[Value]] = []
    let error = try failure {
      try connect("other columns").read(Self.table, operation: operation, rows: { seen += $0.values })
    }
    #expect(error.code == .internal)
    #expect(error.message.contains("in belay.rows/1.read, it passed the columns [\"x\", \"x\"]"))
    #expect(seen.isEmpty)
  }

  @Test("without belay.rows/1 a table is read and loaded by SQL text, its names quoted")
  func rowsByText() throws {
    let connection = try BuiltDrivers.rogue().coreOnly().open("rogue:", operation: operation)
    #expect(Self.table.selectStatement(connection.traits) == #"SELECT "a", "b" FROM "s"."t "" 1""#)
    #expect(Self.table.insertStatement(connection.traits) == #"INSERT INTO "s"."t "" 1" ("a", "b") VALUES (?, ?)"#)
    // The driver takes any text with rows.
    try connection.load([[.null, .null]], into: Self.table, operation: operation)
  }
}

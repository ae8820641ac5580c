import BelayDrivers
import Testing

@Suite("Contract: reading scripts")
struct ScriptTests {
  private static let subjects = ContractSubject.having(.script)

  /// The statements with what may stand between them.
  private func script(_ subject: ContractSubject) -> String {
    subject.script.map { "-- é: a comment; with a semicolon\n\($0.sql) ;\n\n" }.joined() + "/* the end; */\n"
  }

  @Test("the offsets rebuild the script", arguments: ContractSubject.all)
  func offsets(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let connection = try bench.fill()
    let text = subject.script.isEmpty ? "-- é\nSELECT 1; SELECT 2" : script(subject)
    let bytes = Array(text.utf8)
    let statements = try connection.split(text, operation: bench.operation)
    #expect(statements.count == (subject.has(.script) ? subject.script.count : 1))
    for statement in statements {
      let end = statement.offset + statement.length
      #expect(Array(statement.sql.utf8) == Array(bytes[statement.offset..<end]))
      #expect(statement.line == bytes[..<statement.offset].count { $0 == UInt8(ascii: "\n") } + 1)
    }
  }

  @Test("statements run one by one do what the script does at once", arguments: subjects)
  func oneByOne(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let (whole, parts) = (try bench.fill("whole"), try bench.fill("parts"))
    try whole.execute(script(subject), operation: bench.operation)
    for statement in try parts.split(script(subject), operation: bench.operation) {
      try parts.execute(statement.sql, operation: bench.operation)
    }
    #expect(try parts.catalog(operation: bench.operation).shape == whole.catalog(operation: bench.operation).shape)
    #expect(try bench.allRows(parts) == bench.allRows(whole))
  }

  @Test(
    "each statement tells what it names and writes, seeing those before it, and changes nothing", arguments: subjects)
  func writes(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let connection = try bench.fill()
    let (shape, rows) = (try connection.catalog(operation: bench.operation).shape, try bench.allRows(connection))
    let statements = try connection.split(script(subject), operation: bench.operation)
    #expect(statements.count == subject.script.count)
    for (statement, expected) in zip(statements, subject.script) {
      #expect(!statement.flags.contains(.unread), "\(statement.note ?? "")")
      let identity = { (write: Write) in "\(write.kind) \(write.schema).\(write.parent).\(write.name)" }
      #expect(
        statement.writes.sorted { identity($0) < identity($1) }
          == expected.writes.sorted { identity($0) < identity($1) },
        "\(statement.sql)")
    }
    #expect(try connection.catalog(operation: bench.operation).shape == shape)
    #expect(try bench.allRows(connection) == rows)
  }

  @Test("a statement that cannot be read is flagged, with the reason", arguments: subjects)
  func unread(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let connection = try bench.fill()
    let statements = try connection.split("SELEKT something;", operation: bench.operation)
    #expect(statements.count == 1)
    #expect(statements.first?.flags.contains(.unread) == true)
    #expect(statements.first?.note?.isEmpty == false)
  }

  @Test("a script of nothing has no statement", arguments: subjects)
  func nothing(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let connection = try bench.fill()
    for text in ["", " \n", "-- only words\n", ";;"] {
      #expect(try connection.split(text, operation: bench.operation).map(\.sql).filter { !$0.isEmpty } == [])
    }
  }
}

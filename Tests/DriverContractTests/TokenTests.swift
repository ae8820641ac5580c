import BelayDrivers
import Testing

@Suite("Contract: one view for several connections")
struct TokenTests {
  @Test("a view stays fixed while others write, for all that adopt it", arguments: ContractSubject.having(.token))
  func fixed(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let (first, second, writer) = (try bench.fill(), try bench.open(), try bench.open())
    let shape = try first.catalog(operation: bench.operation).shape
    let token = try #require(try first.acquireToken(operation: bench.operation))
    try bench.insert([[.text("new"), .null]], into: writer)
    for statement in subject.schema { try writer.execute(statement, operation: bench.operation) }
    try second.adopt(token: token, operation: bench.operation)
    for reader in [first, second] {
      #expect(try bench.rows(reader) == Set(subject.rows))
      #expect(try reader.catalog(operation: bench.operation).shape == shape)
    }
    #expect(try bench.rows(writer).count == subject.rows.count + 1)
    try second.releaseToken(operation: bench.operation)
    try first.releaseToken(operation: bench.operation)
    for reader in [first, second] {
      #expect(try bench.rows(reader).count == subject.rows.count + 1)
      #expect(try reader.catalog(operation: bench.operation).shape != shape)
    }
  }

  @Test("a dump with a token is of its instant", arguments: ContractSubject.having(.token).filter { $0.has(.snapshot) })
  func dump(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let (source, writer) = (try bench.fill(), try bench.open())
    let token = try #require(try source.acquireToken(operation: bench.operation))
    try bench.insert([[.text("new"), .null]], into: writer)
    let format = try #require(source.formats().first)
    var bytes: [UInt8] = []
    try source.dump(format.name, token: token, operation: bench.operation) { bytes += $0 }
    let copy = try bench.create("copy")
    var offset = 0
    try copy.restoreDump(format.name, operation: bench.operation) { buffer in
      let count = min(buffer.count, bytes.count - offset)
      buffer.copyBytes(from: bytes[offset..<offset + count])
      offset += count
      return count
    }
    #expect(try bench.rows(copy) == Set(subject.rows))
  }

  @Test(
    "closing the connection ends its view, and a token of nobody is refused", arguments: ContractSubject.having(.token))
  func ended(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let first = try bench.fill()
    _ = try first.acquireToken(operation: bench.operation)
    first.close()
    let second = try bench.open()
    #expect(throws: DriverError.self) {
      try second.adopt(token: "no such token", operation: bench.operation)
    }
    try bench.insert([[.text("new"), .null]], into: second)
    #expect(try bench.rows(second).count == subject.rows.count + 1)
  }
}

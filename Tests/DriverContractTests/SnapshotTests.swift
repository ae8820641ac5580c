import BelayArchive
import BelayDrivers
import Testing

@Suite("Contract: the engine's own dump")
struct SnapshotTests {
  private static let subjects = ContractSubject.having(.snapshot)

  private func dump(_ connection: Connection, _ format: DumpFormat, _ bench: Bench) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try connection.dump(format.name, token: nil, operation: bench.operation) { bytes += $0 }
    return bytes
  }

  /// Gives bytes in small and uneven pieces.
  private func pieces(of bytes: [UInt8]) -> (UnsafeMutableRawBufferPointer) -> Int {
    var (offset, piece) = (0, 1)
    return { buffer in
      let count = min(piece, buffer.count, bytes.count - offset)
      buffer.copyBytes(from: bytes[offset..<offset + count])
      offset += count
      piece = piece * 3 % 70_001 + 1
      return count
    }
  }

  private func digests(_ connection: Connection, _ bench: Bench) throws -> [ObjectIdentity: TableDigest] {
    var digests: [ObjectIdentity: TableDigest] = [:]
    for table in try connection.catalog(operation: bench.operation).tables where table.hasRows {
      var digest = TableDigest()
      try connection.query(
        bench.selection(table, connection), operation: bench.operation, rows: { digest.add($0) })
      digests[table.object.identity] = digest
    }
    return digests
  }

  @Test("a dump is verified and restored to the same schema and digests", arguments: subjects)
  func roundTrip(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let source = try bench.fillWholly()
    #expect(!source.formats().isEmpty)
    for (number, format) in source.formats().enumerated() {
      let bytes = try dump(source, format, bench)
      try source.verifyDump(format.name, operation: bench.operation, from: pieces(of: bytes))
      // Into a database that holds something else: what is not in the dump must go.
      let copy = try bench.fill("copy\(number)", rows: [[.text("other"), .null]])
      try copy.restoreDump(format.name, operation: bench.operation, from: pieces(of: bytes))
      #expect(try copy.catalog(operation: bench.operation).shape == source.catalog(operation: bench.operation).shape)
      #expect(try digests(copy, bench) == digests(source, bench))
      #expect(try digests(bench.open("copy\(number)"), bench) == digests(source, bench), "for others too")
    }
  }

  @Test("a dump cut short is found out, and restores nothing", arguments: subjects)
  func cutShort(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let source = try bench.fillWholly()
    let format = try #require(source.formats().first)
    let bytes = try dump(source, format, bench)
    let target = try bench.fill("target", rows: [[.text("other"), .null]])
    for cut in [[], Array(bytes.prefix(bytes.count / 2)), Array(bytes.dropLast())] {
      #expect(throws: DriverError.self) {
        try source.verifyDump(format.name, operation: bench.operation, from: pieces(of: cut))
      }
      let error = try bench.failure {
        try target.restoreDump(format.name, operation: bench.operation, from: pieces(of: cut))
      }
      #expect(error.outcome == .notApplied)
      #expect(try bench.rows(target) == [[.text("other"), .null]])
    }
  }

  @Test("a sink or source that fails ends the dump or the restore, with the database as it was", arguments: subjects)
  func failingStreams(subject: ContractSubject) throws {
    struct Full: Error {}
    let bench = try Bench(subject)
    let source = try bench.fillWholly()
    let format = try #require(source.formats().first)
    let bytes = try dump(source, format, bench)
    #expect(throws: Full.self) {
      try source.dump(format.name, token: nil, operation: bench.operation) { _ in throw Full() }
    }
    let before = try bench.allRows(source)
    let whole = pieces(of: Array(bytes.prefix(bytes.count / 2)))
    #expect(throws: Full.self) {
      try source.restoreDump(format.name, operation: bench.operation) { buffer in
        let count = whole(buffer)
        if count == 0 { throw Full() }
        return count
      }
    }
    #expect(try bench.allRows(source) == before)
  }

  @Test("a format that does not exist is refused", arguments: subjects)
  func unknownFormat(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let source = try bench.fill()
    let error = try bench.failure {
      try source.dump("no such format", token: nil, operation: bench.operation) { _ in }
    }
    #expect([.invalid, .unsupported].contains(error.code))
  }
}

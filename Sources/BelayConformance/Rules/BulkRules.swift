import BelayDrivers

extension Rule {
  /// 741 to 743: belay.bulk/1.
  static let bulk: [Rule] = [
    Rule(741, .bulk, "rows copied out and in again equal those of query and execute, in every format") { bench in
      let source = try bench.fill()
      let formats = try source.bulkFormats(operation: bench.operation)
      try expect(!formats.isEmpty, "it has no format")
      for (number, format) in formats.enumerated() {
        let bytes = try copyOut(source, format, bench)
        let copy = try bench.fill("copy\(number)", rows: [])
        try copy.copyIn(
          bench.tableName(copy), format: format.name, operation: bench.operation, from: pieces(of: bytes))
        try bench.expectRows(bench.specimen.cells, copy, "copied by \(format.name)")
      }
    },

    Rule(742, .bulk, "rows of which one cannot be added are added not at all") { bench in
      let source = try bench.fill()
      guard let format = try source.bulkFormats(operation: bench.operation).first else {
        throw Broken("it has no format")
      }
      let bytes = try copyOut(source, format, bench)
      let last = bench.specimen.cells[bench.specimen.cells.count - 1]
      let target = try bench.fill("target", rows: [last])
      let error = try failure(of: "adding a key that exists") {
        try target.copyIn(
          bench.tableName(target), format: format.name, operation: bench.operation, from: pieces(of: bytes))
      }
      try expect(error.code == .constraint, "it failed with \(error.code): \(error.message)")
      try expect(error.outcome == .notApplied, "the outcome is \(error.outcome)")
      try bench.expectRows([last], target, "after a copy that failed")
    },

    Rule(743, .bulk, "a sink or a source that fails ends the copy, and a source's rows are not added") { bench in
      struct Full: Error {}
      let source = try bench.fill()
      guard let format = try source.bulkFormats(operation: bench.operation).first else {
        throw Broken("it has no format")
      }
      let name = try bench.tableName(source)
      do {
        try source.copyOut(name, format: format.name, token: nil, operation: bench.operation) { _ in throw Full() }
        throw Broken("a sink failed, and copy_out did not")
      } catch is Full {}
      let bytes = try copyOut(source, format, bench)
      let target = try bench.fill("target", rows: [])
      let half = pieces(of: Array(bytes.prefix(bytes.count / 2)))
      do {
        try target.copyIn(bench.tableName(target), format: format.name, operation: bench.operation) { buffer in
          let count = half(buffer)
          if count == 0 { throw Full() }
          return count
        }
        throw Broken("a source failed, and copy_in did not")
      } catch is Full {}
      try bench.expectRows([], target, "after a source that failed")
    },
  ]

  private static func copyOut(_ connection: Connection, _ format: DumpFormat, _ bench: Bench) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try connection.copyOut(
      bench.tableName(connection), format: format.name, token: nil, operation: bench.operation, into: { bytes += $0 })
    return bytes
  }
}

extension Bench {
  /// The specimen's table, quoted, with its schema.
  func tableName(_ connection: Connection) throws -> String {
    let table = try table(connection)
    return connection.traits.quoted(schema: table.schema, name: table.name)
  }
}

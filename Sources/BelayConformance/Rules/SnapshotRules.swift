import BelayDrivers
import CBelayDriver

extension Rule {
  /// 721 to 727: belay.snapshot/1.
  static let snapshot: [Rule] = [
    Rule(
      721, .snapshot,
      "in every format, a dump can be verified, and restored over other content with equal schema and digests",
      limit: .seconds(120)
    ) {
      bench in
      let source = try bench.fillWholly()
      let expected = try bench.content(source)
      let formats = source.formats()
      try expect(!formats.isEmpty, "it has no format")
      for (number, format) in formats.enumerated() {
        let bytes = try bench.dump(source, format)
        try source.verifyDump(format.name, operation: bench.operation, from: pieces(of: bytes))
        let copy = try bench.fill("copy\(number)", rows: [[.text("other"), .null]])
        try copy.restoreDump(format.name, operation: bench.operation, from: pieces(of: bytes))
        try bench.expectContent(expected, copy, "restored from \(format.name)")
        try bench.expectContent(expected, bench.open("copy\(number)"), "on another connection")
      }
    },

    Rule(722, .snapshot, "a restored dump is equal to what the host creates from the catalog's ddl and the rows") {
      bench in
      try bench.needsTables()
      let source = try bench.fillWholly()
      let loaded = try bench.create("loaded")
      try loaded.load(from: source, bench)
      let restored = try bench.create("restored")
      let format = try bench.format(source)
      try restored.restoreDump(
        format.name, operation: bench.operation, from: pieces(of: bench.dump(source, format)))
      try bench.expectContent(bench.content(loaded), restored, "restored from the dump")
    },

    Rule(723, .snapshot, "a source that returns one byte at a time is read to its end", limit: .seconds(120)) { bench in
      let source = try bench.fill()
      let format = try bench.format(source)
      let bytes = try bench.dump(source, format)
      try source.verifyDump(format.name, operation: bench.operation, from: pieces(of: bytes, single: true))
      let copy = try bench.create("copy")
      try copy.restoreDump(format.name, operation: bench.operation, from: pieces(of: bytes, single: true))
      try bench.expectContent(bench.content(source), copy, "restored byte by byte")
    },

    Rule(724, .snapshot, "a truncated dump is detected, and nothing of it is restored", limit: .seconds(120)) { bench in
      let source = try bench.fillWholly()
      let format = try bench.format(source)
      let bytes = try bench.dump(source, format)
      let target = try bench.fill("target", rows: [[.text("other"), .null]])
      let before = try bench.content(target)
      for length in [0, 1, bytes.count / 2, bytes.count - 1] {
        let cut = Array(bytes.prefix(length))
        _ = try failure(of: "verifying \(length) bytes of \(bytes.count)") {
          try source.verifyDump(format.name, operation: bench.operation, from: pieces(of: cut))
        }
        let error = try failure(of: "restoring \(length) bytes of \(bytes.count)") {
          try target.restoreDump(format.name, operation: bench.operation, from: pieces(of: cut))
        }
        try expect(error.outcome == .notApplied, "the outcome of a failed restore is \(error.outcome)")
        try bench.expectContent(before, target, "after a failed restore")
      }
    },

    Rule(725, .snapshot, "if a sink fails at byte N, dump ends with its code, without fail()") { bench in
      let source = try bench.fillWholly()
      let format = try bench.format(source)
      let size = try bench.dump(source, format).count
      source.close()
      let driver = try RawDriver(bench)
      guard let table = driver.table(.snapshot, as: belay_snapshot.self), let dump = table.dump else {
        throw Broken("the driver has no dump function")
      }
      let raw = try driver.open(bench)
      defer { raw.close() }
      for limit in [0, 1, size / 2, size - 1] {
        let bytes = RawBytes(failingAfter: limit, code: Int32(BELAY_E_IO))
        let answer = raw.answer { operation, error in
          var sink = bytes.sink
          return dump(raw.handle, operation, belay_str(lasting: format.name), belay_str(), &sink, error)
        }
        try expect(
          answer.code == BELAY_E_IO,
          "the sink failed with \(BELAY_E_IO) at byte \(limit), but dump returned \(answer.code): \(answer.message)"
        )
        try expect(answer.slot.reports == 0, "fail() was called for a failure of the sink: \(answer.message)")
        try expect(bytes.callsAfterFailure == 0, "the sink was called again after it had failed")
      }
    },

    Rule(726, .snapshot, "if a source fails, verify and restore end with IO, without fail(), and change nothing") {
      bench in
      let source = try bench.fillWholly()
      let format = try bench.format(source)
      let bytes = try bench.dump(source, format)
      let before = try bench.content(source)
      source.close()
      let driver = try RawDriver(bench)
      guard let table = driver.table(.snapshot, as: belay_snapshot.self), let verify = table.verify,
        let restore = table.restore
      else { throw Broken("the driver has no verify or restore function") }
      let raw = try driver.open(bench)
      for (what, call) in [("verify", verify), ("restore", restore)] {
        let half = RawBytes(giving: Array(bytes.prefix(bytes.count / 2)), thenFailing: true)
        let answer = raw.answer { operation, error in
          var given = half.source
          return withExtendedLifetime(half) {
            call(raw.handle, operation, belay_str(lasting: format.name), &given, error)
          }
        }
        try expect(
          answer.code == BELAY_E_IO, "the source failed, but \(what) returned \(answer.code): \(answer.message)"
        )
        try expect(
          answer.slot.reports == 0, "fail() was called for a failure of the source: \(answer.message)")
      }
      raw.close()
      try bench.expectContent(before, bench.open(), "after a restore whose source failed")
    },

    Rule(727, .snapshot, "an unknown format fails with INVALID or UNSUPPORTED") { bench in
      let source = try bench.fill()
      try refusal(of: "a dump in an unknown format", [.invalid, .unsupported]) {
        try source.dump("no such format", token: nil, operation: bench.operation) { _ in }
      }
      try refusal(of: "a restore from an unknown format", [.invalid, .unsupported]) {
        try source.restoreDump("no such format", operation: bench.operation, from: pieces(of: [0]))
      }
    },

    Rule(728, .snapshot, "turning a dump into SQL text reads it to its end, and detects a truncated one") {
      bench in
      let source = try bench.fillWholly()
      guard try source.rendersDumps(operation: bench.operation) else {
        throw Skip("the driver cannot turn dumps into text")
      }
      let format = try bench.format(source)
      let bytes = try bench.dump(source, format)
      var text: [UInt8] = []
      try source.renderDump(format.name, operation: bench.operation, from: pieces(of: bytes), into: { text += $0 })
      try expect(String(validating: text, as: UTF8.self)?.isEmpty == false, "the text is empty or not UTF-8")
      let cut = Array(bytes.dropLast(bytes.count / 2))
      _ = try failure(of: "turning half a dump into text") {
        try source.renderDump(format.name, operation: bench.operation, from: pieces(of: cut), into: { _ in })
      }
    },
  ]
}

extension Bench {
  /// The best format of the dump.
  func format(_ connection: Connection) throws(Broken) -> DumpFormat {
    guard let format = connection.formats().first else { throw Broken("it has no format") }
    return format
  }

  func dump(_ connection: Connection, _ format: DumpFormat, token: String? = nil) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try connection.dump(format.name, token: token, operation: operation) { bytes += $0 }
    return bytes
  }
}

/// Returns bytes in small pieces of different sizes, or one by one.
func pieces(of bytes: [UInt8], single: Bool = false) -> (UnsafeMutableRawBufferPointer) -> Int {
  var (offset, piece) = (0, 1)
  return { buffer in
    let count = min(single ? 1 : piece, buffer.count, bytes.count - offset)
    buffer.copyBytes(from: bytes[offset..<offset + count])
    offset += count
    piece = piece * 3 % 70_001 + 1
    return count
  }
}

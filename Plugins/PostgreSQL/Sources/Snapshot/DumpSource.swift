import BelayDriverKit
import Glibc

/// A dump as it comes from the host, with its first bytes already read.
final class DumpSource {
  let head: DumpHead
  private let source: ByteSource
  private let operation: Operation
  private var ahead: [UInt8]
  private var done: UInt64 = 0

  init(_ source: ByteSource, _ operation: Operation) throws(DriverFailure) {
    self.source = source
    self.operation = operation
    ahead = []
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 4096, alignment: 16)
    defer { buffer.deallocate() }
    while ahead.count < DumpHead.length {
      let count = try source.read(into: buffer)
      if count == 0 { break }
      ahead += buffer[..<count]
    }
    head = try DumpHead(ahead)
  }

  /// - Returns: how many bytes; 0 at the end.
  func read(into buffer: UnsafeMutableRawBufferPointer) throws(DriverFailure) -> Int {
    try operation.check()
    var count = min(ahead.count, buffer.count)
    if count > 0 {
      buffer.copyBytes(from: ahead.prefix(count))
      ahead.removeFirst(count)
    } else {
      count = try source.read(into: buffer)
    }
    done += UInt64(count)
    operation.progress(done, of: 0, "reading the dump")
    return count
  }

  /// Reads the rest, which no program has read.
  func drain() throws(DriverFailure) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
    defer { buffer.deallocate() }
    while try read(into: buffer) > 0 {}
  }
}

/// The first bytes of a dump in pg_dump's custom format.
struct DumpHead {
  /// The format's name, and its version in two bytes.
  static let length = 7
  /// The oldest pg_restore that reads it; 0: every one of a supported version.
  let leastVersion: Int

  init(_ bytes: [UInt8]) throws(DriverFailure) {
    guard bytes.count >= Self.length, bytes.starts(with: "PGDMP".utf8), bytes[5] == 1 else {
      throw DriverFailure(.corrupt, "this is not a dump in pg_dump's custom format")
    }
    // Version 1.15 came with PostgreSQL 16, 1.16 with 17; for later ones, pg_restore itself decides.
    leastVersion = bytes[6] <= 14 ? 0 : Int(min(bytes[6], 16)) + 1
  }
}

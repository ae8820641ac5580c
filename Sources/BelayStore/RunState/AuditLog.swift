import BelayBase
import BelayRows
import Crypto
import Foundation
import SystemPackage

/// `STORE/audit.ndjson`: who did what to which target when, with result. Each line carries the hash of the one before,
/// so that a line that is changed or removed later shows (`AuditLog.verify`).
package struct AuditLog: Sendable {
  package struct Entry: Codable, Sendable, Equatable {
    package var time: String
    package var user: String
    package var action: String
    package var target: String
    package var run: String
    package var status: Int32
    package var summary: String
    /// SHA-256 of the line before, without its line end, as hex; empty on the first line.
    package var previous: String

    package init(
      time: String, user: String, action: String, target: String, run: String, status: Int32, summary: String,
      previous: String
    ) {
      self.time = time
      self.user = user
      self.action = action
      self.target = target
      self.run = run
      self.status = status
      self.summary = summary
      self.previous = previous
    }
  }

  let path: FilePath

  package init(runs: RunState) { path = runs.auditLog }

  package func append(action: String, target: String, run: String, status: ExitStatus, summary: String, now: Date)
    throws
  {
    let file: FileDescriptor
    do throws(FileFlaw) {
      file = try RegularFile.open(path, .readWrite, options: [.create, .append], trust: .ownFile)
    } catch {
      throw BelayError(.failed, "the audit log \(path) \(error.text)", hint: error.cure)
    }
    defer { try? file.close() }
    // Two runs on two targets may end at once.
    while flock(file.rawValue, LOCK_EX) != 0 && errno == EINTR {}
    let last = try LastLine(of: file)
    let entry = Entry(
      time: Moment.iso(now), user: NSUserName(), action: action, target: target, run: run, status: status.rawValue,
      summary: summary, previous: last.hash)
    // A line that a crash has cut off stays, and gets its end: what is left of it is evidence, and the chain goes on from it.
    let start = Data(last.isTorn ? "\n".utf8 : "".utf8)
    try Durable.append(start + JSONLine.encode(entry), to: file)
  }
}

/// The last line of the log, which may be of any length.
private struct LastLine {
  /// Empty where there is no line.
  private(set) var hash = ""
  /// It has no line end.
  private(set) var isTorn = false

  private static let newline = UInt8(ascii: "\n")
  private static let pieceSize: Int64 = 65_536

  init(of file: FileDescriptor) throws {
    let end = try file.seek(offset: 0, from: .end)
    guard end > 0 else { return }
    isTorn = try Self.bytes(file, end - 1..<end) != [Self.newline]
    let lineEnd = isTorn ? end : end - 1
    var hasher = SHA256()
    var place = try Self.start(file, ofLineEndingAt: lineEnd)
    while place < lineEnd {
      let piece = try Self.bytes(file, place..<min(place + Self.pieceSize, lineEnd))
      hasher.update(data: piece)
      place += Int64(piece.count)
    }
    hash = Hex.text(hasher.finalize())
  }

  private static func start(_ file: FileDescriptor, ofLineEndingAt end: Int64) throws -> Int64 {
    var place = end
    while place > 0 {
      let begin = max(0, place - pieceSize)
      if let found = try bytes(file, begin..<place).lastIndex(of: newline) { return begin + Int64(found) + 1 }
      place = begin
    }
    return 0
  }

  private static func bytes(_ file: FileDescriptor, _ range: Range<Int64>) throws -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: Int(range.upperBound - range.lowerBound))
    let count = try bytes.withUnsafeMutableBytes { try file.read(fromAbsoluteOffset: range.lowerBound, into: $0) }
    guard count > 0 else { throw Errno.ioError }
    return Array(bytes[..<count])
  }
}

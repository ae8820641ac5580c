import BelayArchive
import BelayBase
import Foundation
import SystemPackage

/// `STORE/audit.ndjson`: who did what to which target when, with result. Each line carries the hash of the one before,
/// so that a line changed or taken out later shows.
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

  private let path: FilePath

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
    let entry = Entry(
      time: Moment.iso(now), user: NSUserName(), action: action, target: target, run: run, status: status.rawValue,
      summary: summary, previous: try Self.hashOfLastLine(file))
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    try Durable.append(try encoder.encode(entry) + Data("\n".utf8), to: file)
  }

  private static func hashOfLastLine(_ file: FileDescriptor) throws -> String {
    let end = try file.seek(offset: 0, from: .end)
    let start = max(0, end - 65_536)
    var tail = [UInt8](repeating: 0, count: Int(end - start))
    let count = try tail.withUnsafeMutableBytes { try file.read(fromAbsoluteOffset: start, into: $0) }
    guard let line = tail.prefix(count).split(separator: UInt8(ascii: "\n")).last else { return "" }
    return sha256(Array(line))
  }
}

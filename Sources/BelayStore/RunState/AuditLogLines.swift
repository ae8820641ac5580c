import BelayBase
import BelayRows
import Crypto
import Foundation
import SystemPackage

/// One line of the audit log as it lies on the disk.
package struct AuditLine: Sendable, Equatable {
  /// From 1.
  package let number: Int
  /// nil: what stands there is no entry.
  package let entry: AuditLog.Entry?
  /// SHA-256 of the line without its end, as hex.
  package let hash: String
  /// The file's last line, which has no end.
  package let isCutOff: Bool
}

extension AuditLog {
  /// No line of belay's is nearly as long; of a longer one no more is kept in memory.
  static let longestLine = 16 << 20

  /// Reads the log line by line; nothing where there is none.
  package func eachLine(_ body: (AuditLine) throws(BelayError) -> Void) throws(BelayError) {
    let file: FileDescriptor
    do throws(Errno) {
      let path = path
      file = try Durable.typed { try FileDescriptor.open(path, .readOnly, options: [.closeOnExec, .nonBlocking]) }
    } catch .noSuchFileOrDirectory {
      return
    } catch {
      throw unreadable(error)
    }
    defer { try? file.close() }  // read-only: nothing can be lost by a failed close
    var reader = LineSplitter()
    var piece = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count: Int
      do throws(Errno) {
        count = try Durable.typed { try piece.withUnsafeMutableBytes { try file.read(into: $0) } }
      } catch {
        throw unreadable(error)
      }
      guard count > 0 else { break }
      for line in reader.take(piece[..<count]) { try body(line) }
    }
    if let last = reader.end() { try body(last) }
  }

  private func unreadable(_ error: Errno) -> BelayError {
    BelayError(.failed, "cannot read the audit log \(path)", causes: [error.description])
  }
}

/// Cuts a file into lines and hashes each.
private struct LineSplitter {
  private var text: [UInt8] = []
  private var hasher = SHA256()
  private var isBegun = false
  private var number = 0

  mutating func take(_ piece: ArraySlice<UInt8>) -> [AuditLine] {
    var lines: [AuditLine] = []
    var rest = piece
    while let end = rest.firstIndex(of: UInt8(ascii: "\n")) {
      add(rest[..<end])
      lines.append(line(isCutOff: false))
      rest = rest[(end + 1)...]
    }
    add(rest)
    return lines
  }

  mutating func end() -> AuditLine? { isBegun ? line(isCutOff: true) : nil }

  private mutating func add(_ piece: ArraySlice<UInt8>) {
    guard !piece.isEmpty else { return }
    isBegun = true
    hasher.update(data: piece)
    if text.count <= AuditLog.longestLine { text += piece }
  }

  private mutating func line(isCutOff: Bool) -> AuditLine {
    number += 1
    let entry = text.count <= AuditLog.longestLine ? AuditLog.Entry(line: text) : nil
    let line = AuditLine(number: number, entry: entry, hash: Hex.text(hasher.finalize()), isCutOff: isCutOff)
    text = []
    hasher = SHA256()
    isBegun = false
    return line
  }
}

extension AuditLog.Entry {
  fileprivate init?(line: [UInt8]) {
    do { self = try JSONDecoder().decode(Self.self, from: Data(line)) } catch { return nil }
  }
}

import Glibc

/// Reads lines from a file descriptor, whatever the pieces in which they arrive. Owns nothing: the descriptor stays the
/// caller's.
package struct LineReader {
  private let descriptor: Int32
  private var pending: [UInt8] = []

  /// What one `read` brought.
  package enum Chunk: Equatable {
    case lines([[UInt8]])
    /// The other side is closed; a last line without its end is dropped, because it was cut off.
    case end
  }

  package init(descriptor: Int32) { self.descriptor = descriptor }

  /// Waits until something has come, and returns the whole lines in it, perhaps none.
  package mutating func next() -> Chunk {
    var piece = [UInt8](repeating: 0, count: 65_536)
    let count = piece.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
    if count < 0 && (errno == EINTR || errno == EAGAIN) { return .lines([]) }
    guard count > 0 else { return .end }
    pending.append(contentsOf: piece[..<count])
    var lines: [[UInt8]] = []
    var start = pending.startIndex
    while let end = pending[start...].firstIndex(of: UInt8(ascii: "\n")) {
      lines.append(Array(pending[start..<end]))
      start = end + 1
    }
    pending.removeSubrange(..<start)
    return .lines(lines)
  }
}

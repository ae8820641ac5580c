import Glibc

/// The beginning and the end of what a program prints, in bounded memory.
package struct KeptOutput: Sendable {
  private let mostFirst: Int
  private let mostLast: Int
  private var first: [UInt8] = []
  private var last: [UInt8] = []
  private var dropped = 0

  /// - Parameters:
  ///   - first: so many bytes of the beginning.
  ///   - last: so many of the end.
  package init(first: Int, last: Int) {
    mostFirst = first
    mostLast = last
  }

  package mutating func take(_ bytes: some Collection<UInt8>) {
    let room = max(0, mostFirst - first.count)
    first += bytes.prefix(room)
    last += bytes.dropFirst(room)
    // Not with every byte.
    if last.count > 2 * mostLast { cut() }
  }

  private mutating func cut() {
    let excess = last.count - mostLast
    guard excess > 0 else { return }
    dropped += excess
    last.removeFirst(excess)
  }

  /// Takes what can be read without waiting.
  mutating func read(_ descriptor: Int32) {
    var piece = [UInt8](repeating: 0, count: 65_536)
    for _ in 0..<64 {
      let count = piece.withUnsafeMutableBytes { Glibc.read(descriptor, $0.baseAddress, $0.count) }
      guard count > 0 else { break }
      take(piece[..<count])
    }
  }

  /// Without the white space around it; bytes that are no UTF-8 are replaced.
  package var text: String {
    var whole = self
    whole.cut()
    let bytes =
      whole.first + (whole.dropped > 0 && mostLast > 0 ? Array("\n[… \(whole.dropped) bytes …]\n".utf8) : [])
      + whole.last
    return String(decoding: bytes, as: UTF8.self).trimmed
  }
}

extension String {
  fileprivate var trimmed: String {
    guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace }) else {
      return ""
    }
    return String(self[first...last])
  }
}

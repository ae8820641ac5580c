/// Reads JSON from the parser or the server, which is well-formed by construction.
///
/// A small parser of its own: Foundation's decoder limits the depth, which long expressions exceed, and needs a type
/// for every structure.
struct JSONTree {
  /// Deeper trees would exhaust a thread's stack, here and wherever they are traversed.
  private static let deepest = 3000
  private let bytes: UnsafeRawBufferPointer
  private var position = 0
  private var depth = 0

  private init(_ bytes: UnsafeRawBufferPointer) { self.bytes = bytes }

  /// nil: too deep, or not JSON.
  static func read(_ bytes: UnsafeRawBufferPointer) -> SyntaxNode? {
    var tree = JSONTree(bytes)
    return tree.read()
  }

  static func read(_ text: String) -> SyntaxNode? {
    Array(text.utf8).withUnsafeBytes { read($0) }
  }

  private mutating func read() -> SyntaxNode? {
    skipSpace()
    guard position < bytes.count else { return nil }
    switch bytes[position] {
    case UInt8(ascii: "{"): return nested { $0.object() }
    case UInt8(ascii: "["): return nested { $0.list() }
    case UInt8(ascii: "\""): return string().map { .text($0) }
    case UInt8(ascii: "t"): return literal(4, .flag(true))
    case UInt8(ascii: "f"): return literal(5, .flag(false))
    case UInt8(ascii: "n"): return literal(4, .absent)
    default: return number()
    }
  }

  private mutating func nested(_ body: (inout Self) -> SyntaxNode?) -> SyntaxNode? {
    guard depth < Self.deepest else { return nil }
    depth += 1
    position += 1
    defer { depth -= 1 }
    return body(&self)
  }

  private mutating func object() -> SyntaxNode? {
    var fields: [(name: String, value: SyntaxNode)] = []
    while !ends(UInt8(ascii: "}")) {
      guard let name = string() else { return nil }
      skipSpace()
      position += 1  // the colon
      guard let value = read() else { return nil }
      fields.append((name, value))
    }
    return .object(fields)
  }

  private mutating func list() -> SyntaxNode? {
    var items: [SyntaxNode] = []
    while !ends(UInt8(ascii: "]")) {
      guard let item = read() else { return nil }
      items.append(item)
    }
    return .list(items)
  }

  /// At the closing bracket, or at the next element; a comma between them is skipped. At the end of text: true.
  private mutating func ends(_ closing: UInt8) -> Bool {
    skipSpace()
    if position < bytes.count, bytes[position] == UInt8(ascii: ",") {
      position += 1
      skipSpace()
    }
    guard position < bytes.count else { return true }
    guard bytes[position] == closing else { return false }
    position += 1
    return true
  }

  private mutating func literal(_ length: Int, _ node: SyntaxNode) -> SyntaxNode? {
    position += length
    return node
  }

  private mutating func number() -> SyntaxNode? {
    let start = position
    while position < bytes.count, "+-.0123456789eE".utf8.contains(bytes[position]) { position += 1 }
    guard position > start else { return nil }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    return Int(text).map { .number($0) } ?? .text(text)
  }

  private mutating func string() -> String? {
    guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { return nil }
    position += 1
    let start = position
    while position < bytes.count, bytes[position] != UInt8(ascii: "\""), bytes[position] != UInt8(ascii: "\\") {
      position += 1
    }
    if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
      position += 1
      return String(decoding: bytes[start..<position - 1], as: UTF8.self)
    }
    var text = Array(bytes[start..<position])
    while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
      if bytes[position] == UInt8(ascii: "\\") {
        position += 1
        guard position < bytes.count else { return nil }
        escape(&text)
      } else {
        text.append(bytes[position])
        position += 1
      }
    }
    position += 1
    return String(decoding: text, as: UTF8.self)
  }

  /// Only control characters are escaped as \u; everything else is plain UTF-8.
  private mutating func escape(_ text: inout [UInt8]) {
    let byte = bytes[position]
    position += 1
    switch byte {
    case UInt8(ascii: "n"): text.append(0x0a)
    case UInt8(ascii: "r"): text.append(0x0d)
    case UInt8(ascii: "t"): text.append(0x09)
    case UInt8(ascii: "b"): text.append(0x08)
    case UInt8(ascii: "f"): text.append(0x0c)
    case UInt8(ascii: "u"):
      let end = min(position + 4, bytes.count)
      let code = UInt32(String(decoding: bytes[position..<end], as: UTF8.self), radix: 16) ?? 0xfffd
      text += String(Unicode.Scalar(code) ?? "\u{fffd}").utf8
      position = end
    default: text.append(byte)
    }
  }

  private mutating func skipSpace() {
    while position < bytes.count, bytes[position] == 0x20 || bytes[position] == 0x0a { position += 1 }
  }
}

/// The kind of text that some bytes are. SQLite returns text as it is stored, without validation.
enum TextForm {
  /// UTF-8 that every client reads unchanged.
  case plain
  /// UTF-8 with NUL or CR in it: C strings end at the one, and sqlite3's shell drops the other at the end of a line, also
  /// within a literal.
  case fragile
  case illFormed

  init(_ bytes: UnsafeRawBufferPointer) {
    guard let base = bytes.baseAddress else {
      self = .plain
      return
    }
    var index = 0
    var isFragile = false
    let count = bytes.count
    while index < count {
      // Eight bytes at once if all are ASCII and none is NUL or CR, as in most text.
      while index + 8 <= count {
        let word = base.loadUnaligned(fromByteOffset: index, as: UInt64.self)
        let high: UInt64 = 0x8080_8080_8080_8080
        let low: UInt64 = 0x0101_0101_0101_0101
        let returns = word ^ 0x0d0d_0d0d_0d0d_0d0d
        if (word | (word &- low) | (returns &- low)) & high != 0 { break }
        index += 8
      }
      guard index < count else { break }
      let byte = bytes[index]
      if byte == 0 || byte == UInt8(ascii: "\r") { isFragile = true }
      let length = byte < 0x80 ? 1 : TextForm.sequenceLength(bytes, index)
      if length == 0 {
        self = .illFormed
        return
      }
      index += length
    }
    self = isFragile ? .fragile : .plain
  }

  /// The length of the scalar that begins at `index` with a byte above 0x7f; 0 if none does (Unicode, table 3-7).
  private static func sequenceLength(_ bytes: UnsafeRawBufferPointer, _ index: Int) -> Int {
    let first = bytes[index]
    let length: Int
    var second: ClosedRange<UInt8> = 0x80...0xbf
    switch first {
    case 0xc2...0xdf: length = 2
    case 0xe0: (length, second) = (3, 0xa0...0xbf)
    case 0xed: (length, second) = (3, 0x80...0x9f)
    case 0xe1...0xef: length = 3
    case 0xf0: (length, second) = (4, 0x90...0xbf)
    case 0xf1...0xf3: length = 4
    case 0xf4: (length, second) = (4, 0x80...0x8f)
    default: return 0
    }
    guard index + length <= bytes.count, second.contains(bytes[index + 1]) else { return 0 }
    for place in (index + 2)..<max(index + length, index + 2) where bytes[place] & 0xc0 != 0x80 { return 0 }
    return length
  }
}

import CBelayDriver

extension belay_str {
  /// The bytes, borrowed; nil where no such memory can exist: a length without bytes.
  package var bytes: UnsafeRawBufferPointer? {
    guard len > 0 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    guard let ptr, len <= Border.longestValue else { return nil }
    return UnsafeRawBufferPointer(start: ptr, count: Int(len))
  }

  /// The text, copied; nil where the other side broke the rules. It is never repaired: a repaired statement is another
  /// statement.
  package var text: String? {
    guard let bytes else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }

  /// The text, copied; ill-formed bytes become U+FFFD. For what is only shown to a person.
  package var shownText: String {
    guard let bytes else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension String {
  /// Lends the text's bytes for the length of body.
  package func withBorrowed<R>(_ body: (belay_str) -> R) -> R {
    var text = self
    return text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { body(belay_str(ptr: $0.baseAddress, len: UInt64($0.count))) }
    }
  }
}

extension [String] {
  /// Lends all texts, in one piece of memory, for the length of body.
  package func withBorrowed<R>(_ body: (UnsafeBufferPointer<belay_str>) -> R) -> R {
    var bytes: [UInt8] = []
    for text in self { bytes.append(contentsOf: text.utf8) }
    return bytes.withUnsafeBufferPointer { bytes in
      bytes.withMemoryRebound(to: CChar.self) { characters in
        var start = 0
        let texts = map { text -> belay_str in
          defer { start += text.utf8.count }
          return belay_str(ptr: characters.baseAddress.map { $0 + start }, len: UInt64(text.utf8.count))
        }
        return texts.withUnsafeBufferPointer(body)
      }
    }
  }
}

/// What can be at the border. Who goes beyond is broken, and is told so instead of being followed into memory that is not
/// there.
package enum Border {
  /// Bytes of one value: 1 TiB.
  package static let longestValue: UInt64 = 1 << 40
  /// Rows of one batch, which holds about 1 MiB.
  package static let mostRows: UInt64 = 1 << 32
  package static let mostColumns: UInt32 = 1 << 20
  /// Characters of the names in a driver's table.
  package static let longestName = 4096
}

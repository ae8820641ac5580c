import CBelayDriver

extension belay_str {
  /// The borrowed bytes; nil if they cannot exist: a length without a pointer.
  package var bytes: UnsafeRawBufferPointer? {
    guard len > 0 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    guard let ptr, len <= Border.longestValue else { return nil }
    return UnsafeRawBufferPointer(start: ptr, count: Int(len))
  }

  /// The text, copied; nil if the other side broke the rules. It is never repaired, because a repaired statement would
  /// be a different one.
  package var text: String? {
    guard let bytes else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }

  /// The text, copied; invalid bytes become U+FFFD. For text that is only shown to people.
  package var shownText: String {
    guard let bytes else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension String {
  /// Lends the text's bytes while body runs.
  package func withBorrowed<R>(_ body: (belay_str) -> R) -> R {
    var text = self
    return text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { body(belay_str(ptr: $0.baseAddress, len: UInt64($0.count))) }
    }
  }
}

extension [String] {
  /// Lends all texts, in one piece of memory, while body runs.
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

/// Limits of values between host and driver. A larger value is a defect of the other side, and is reported instead of
/// being read from memory that does not exist.
package enum Border {
  /// Bytes of one value: 1 TiB.
  package static let longestValue: UInt64 = 1 << 40
  /// Rows of one batch, which holds about 1 MiB.
  package static let mostRows: UInt64 = 1 << 32
  package static let mostColumns: UInt32 = 1 << 20
  /// Characters of the names in a driver's table.
  package static let longestName = 4096
}

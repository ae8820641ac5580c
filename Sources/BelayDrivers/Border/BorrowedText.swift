import CBelayDriver

extension belay_str {
  /// The text, copied. nil where the driver broke the rules: bytes that are no UTF-8, or a length without bytes.
  var text: String? {
    guard let bytes else { return nil }
    return String(validating: bytes, as: UTF8.self)
  }

  /// The text, copied; ill-formed bytes become U+FFFD. For what is only shown to a person.
  var shownText: String {
    guard let bytes else { return "" }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// nil where no such memory can exist.
  private var bytes: UnsafeRawBufferPointer? {
    guard len > 0 else { return UnsafeRawBufferPointer(start: nil, count: 0) }
    guard let ptr, len <= UInt64(Border.longestValue) else { return nil }
    return UnsafeRawBufferPointer(start: ptr, count: Int(len))
  }
}

extension String {
  /// Lends the text's bytes for the length of body.
  func withBorrowed<R>(_ body: (belay_str) -> R) -> R {
    var text = self
    return text.withUTF8 { bytes in
      bytes.withMemoryRebound(to: CChar.self) { body(belay_str(ptr: $0.baseAddress, len: UInt64($0.count))) }
    }
  }
}

extension [String] {
  /// Lends all texts for the length of body.
  func withBorrowed<R>(_ body: (UnsafeBufferPointer<belay_str>) -> R) -> R {
    let bytes = flatMap(\.utf8)
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

/// What the host takes for possible at the border. A driver that goes beyond is broken, and is told so instead of being
/// followed into memory that is not there.
enum Border {
  /// Bytes of one value: 1 TiB.
  static let longestValue: UInt64 = 1 << 40
  /// Rows of one batch, which holds about 1 MiB.
  static let mostRows: UInt64 = 1 << 32
  static let mostColumns: UInt32 = 1 << 20
  /// Characters of the names in a driver's table.
  static let longestName = 4096
}

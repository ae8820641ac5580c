import CBelayDriver

/// Lends a string to a C function for the time of one call.
func withBorrowed<R>(_ text: String, _ body: (belay_str) -> R) -> R {
  var text = text
  return text.withUTF8 { utf8 in
    utf8.withMemoryRebound(to: CChar.self) { body(belay_str(ptr: $0.baseAddress, len: UInt64($0.count))) }
  }
}

extension belay_str {
  /// The bytes, borrowed.
  var bytes: UnsafeRawBufferPointer {
    UnsafeRawBufferPointer(start: len == 0 ? nil : ptr, count: ptr == nil ? 0 : Int(len))
  }

  /// The text; nil where it is not UTF-8. It is never repaired: a repaired statement is another statement.
  var text: String? {
    String(validating: bytes, as: UTF8.self)
  }

  /// The text, or a failure that names what it was.
  func text(_ what: String) throws(DriverFailure) -> String {
    guard let text else { throw DriverFailure(.invalid, "\(what) is not UTF-8") }
    return text
  }
}

/// Several strings in one piece of memory, lent together: fields of a struct that the host reads during one call.
struct TextRun {
  private var bytes: [UInt8] = []
  private var ends: [Int] = []

  mutating func add(_ text: String) {
    bytes.append(contentsOf: text.utf8)
    ends.append(bytes.count)
  }

  mutating func removeAll() {
    bytes.removeAll(keepingCapacity: true)
    ends.removeAll(keepingCapacity: true)
  }

  /// The strings in the order in which they were added.
  func withStrings<R>(_ body: ([belay_str]) -> R) -> R {
    bytes.withUnsafeBufferPointer { buffer in
      buffer.withMemoryRebound(to: CChar.self) { characters in
        var start = 0
        let strings = ends.map { end in
          defer { start = end }
          return belay_str(ptr: characters.baseAddress.map { $0 + start }, len: UInt64(end - start))
        }
        return body(strings)
      }
    }
  }
}

/// Text that stays valid until its connection is closed; equal text is kept once.
final class TextStore {
  private var kept: [String: belay_str] = [:]

  func keep(_ text: String) -> belay_str {
    if text.isEmpty { return belay_str(ptr: nil, len: 0) }
    if let there = kept[text] { return there }
    let utf8 = Array(text.utf8CString)
    let copy = UnsafeMutablePointer<CChar>.allocate(capacity: utf8.count)
    copy.initialize(from: utf8, count: utf8.count)
    let string = belay_str(ptr: UnsafePointer(copy), len: UInt64(utf8.count - 1))
    kept[text] = string
    return string
  }

  deinit {
    for string in kept.values { string.ptr.deallocate() }
  }
}

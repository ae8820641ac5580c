import BelayRows
import CBelayDriver

extension belay_str {
  /// The text, or a failure that names what it was.
  func text(_ what: String) throws(DriverFailure) -> String {
    guard let text else { throw DriverFailure(.invalid, "\(what) is not UTF-8") }
    return text
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

import Glibc

/// One row as it is sorted and compared.
package struct RowRecord: Sendable, Equatable {
  /// Of the cells of the key, in their order. Empty: the row has no key, and is compared by its content alone.
  package var key: [UInt8]
  /// All compared cells.
  package var content: [UInt8]

  package init(key: [UInt8], content: [UInt8]) {
    self.key = key
    self.content = content
  }

  /// By the key, then by the content: negative, 0 or positive.
  package func order(to other: RowRecord) -> Int {
    let order = Self.order(key, other.key)
    return order != 0 ? order : Self.order(content, other.content)
  }

  static func order(_ left: [UInt8], _ right: [UInt8]) -> Int {
    left.withUnsafeBytes { left in right.withUnsafeBytes { order(left, $0) } }
  }

  static func order(_ left: UnsafeRawBufferPointer, _ right: UnsafeRawBufferPointer) -> Int {
    let shared = min(left.count, right.count)
    if shared > 0, let left = left.baseAddress, let right = right.baseAddress {
      let order = memcmp(left, right, shared)
      if order != 0 { return Int(order) }
    }
    return left.count - right.count
  }
}

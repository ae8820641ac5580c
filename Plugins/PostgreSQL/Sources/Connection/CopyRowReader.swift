import BelayDriverKit
import Glibc

/// Reads rows in the text form of COPY: values apart by tabs, NULL as `\N`, a few characters behind a backslash.
///
/// The hot path of a backup: every value of the database comes through here.
struct CopyRowReader {
  let forms: [ColumnType.Form]

  /// `row` ends with its line end, and is changed in place.
  func read(_ row: UnsafeMutableRawBufferPointer, into rows: RowWriter) throws(DriverFailure) {
    guard let base = row.baseAddress?.assumingMemoryBound(to: UInt8.self), row.count > 0 else { return }
    let end = base + (row.count - 1)
    var start = base
    var column = 0
    while column < forms.count {
      // Most values are short: eight bytes at a time until a tab or a backslash.
      var stop = Self.special(from: start, to: end)
      var length = stop - start
      if stop < end, stop.pointee == UInt8(ascii: "\\") {
        if length == 0, stop[1] == UInt8(ascii: "N") {
          rows.null()
          // The letter is followed by a tab or the line end.
          start = stop + 3
          column += 1
          continue
        }
        (length, stop) = Self.unescape(start, from: stop, to: end)
      }
      let value = UnsafeMutableRawBufferPointer(start: start, count: length)
      try ValueText(form: forms[column]).write(value, into: rows)
      start = stop + 1
      column += 1
    }
    guard start > end else {
      throw DriverFailure(.internal, "the server sent a row with more values than columns")
    }
    try rows.endRow()
  }

  /// The first tab or backslash, or the end.
  @inline(__always)
  private static func special(
    from start: UnsafeMutablePointer<UInt8>, to end: UnsafeMutablePointer<UInt8>
  ) -> UnsafeMutablePointer<UInt8> {
    let ones: UInt64 = 0x0101_0101_0101_0101
    let highs: UInt64 = 0x8080_8080_8080_8080
    var current = start
    while current + 8 <= end {
      let word = UnsafeRawPointer(current).loadUnaligned(as: UInt64.self)
      let tabs = word ^ (ones &* UInt64(UInt8(ascii: "\t")))
      let slashes = word ^ (ones &* UInt64(UInt8(ascii: "\\")))
      // A byte that became zero borrows from its highest bit; the lowest hit is always a true one.
      let hits = ((tabs &- ones) & ~tabs | (slashes &- ones) & ~slashes) & highs
      if hits != 0 { return current + hits.trailingZeroBitCount / 8 }
      current += 8
    }
    while current < end, current.pointee != UInt8(ascii: "\t"), current.pointee != UInt8(ascii: "\\") { current += 1 }
    return current
  }

  /// Removes the escapes from a value in place. `from`: its first backslash.
  /// - Returns: what is left of the value, and where it ended.
  private static func unescape(
    _ start: UnsafeMutablePointer<UInt8>, from slash: UnsafeMutablePointer<UInt8>, to end: UnsafeMutablePointer<UInt8>
  ) -> (length: Int, stop: UnsafeMutablePointer<UInt8>) {
    var target = slash
    var source = slash
    while source < end, source.pointee == UInt8(ascii: "\\") {
      target.pointee = unescaped(source[1])
      target += 1
      source += 2
      let next = special(from: source, to: end)
      if next > source {
        memmove(target, source, next - source)
        target += next - source
        source = next
      }
    }
    return (target - start, source)
  }

  @inline(__always)
  private static func unescaped(_ letter: UInt8) -> UInt8 {
    switch letter {
    case UInt8(ascii: "b"): 8
    case UInt8(ascii: "f"): 12
    case UInt8(ascii: "n"): 10
    case UInt8(ascii: "r"): 13
    case UInt8(ascii: "t"): 9
    case UInt8(ascii: "v"): 11
    default: letter
    }
  }
}

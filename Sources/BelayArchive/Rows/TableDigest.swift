import BelayRows
import CBelayDriver
import Crypto
import Glibc

/// A number that shows whether two tables have the same rows, whatever the order in which they are read.
///
/// Per row the SHA-256 of its cells in a canonical form; the digest is the sum of these, as 256-bit big-endian integers
/// modulo 2^256. For each cell: one byte with its belay_cell type; then for integers, booleans and reals 8 bytes, little
/// endian (a NaN is always 0x7ff8000000000000); for text, blobs and natives the length in 8 bytes, little endian, and the
/// bytes; for NULL nothing.
///
/// It guards against accidents: a sum is no protection against somebody who makes up rows to fit.
package struct TableDigest: Sendable, Equatable {
  package private(set) var rows: UInt64 = 0
  /// Most significant first.
  private var sum: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

  package init() {}

  /// Adds all rows of `batch`.
  package mutating func add(_ batch: belay_batch) {
    let columns = Int(batch.ncols)
    let canonical = OutputBuffer()
    // Rows without cells are rows too.
    if columns == 0 {
      for _ in 0..<batch.nrows { add(TableDigest.hash(UnsafeBufferPointer(start: nil, count: 0), canonical)) }
      rows += batch.nrows
    }
    guard columns > 0, var row = batch.cells else { return }
    for _ in 0..<batch.nrows {
      let cells = UnsafeBufferPointer(start: row, count: columns)
      add(TableDigest.hash(cells, canonical))
      row += columns
    }
    rows += batch.nrows
  }

  /// Adds the rows of another digest: the rows of a table can be divided among threads.
  package mutating func merge(_ other: TableDigest) {
    add(other.sum)
    rows += other.rows
  }

  /// 64 lower-case hex digits.
  package var hex: String {
    [sum.0, sum.1, sum.2, sum.3].map { word in
      let digits = String(word, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }.joined()
  }

  package static func == (left: TableDigest, right: TableDigest) -> Bool {
    left.rows == right.rows && left.sum == right.sum
  }

  private static func hash(_ cells: UnsafeBufferPointer<belay_cell>, _ canonical: OutputBuffer) -> SHA256.Digest {
    var hasher = SHA256()
    for cell in cells {
      canonical.reserve(16)
      canonical.put(UInt8(truncatingIfNeeded: cell.type))
      switch cell.type {
      case CellType.null:
        break
      case CellType.bool, CellType.integer:
        canonical.put(littleEndian: UInt64(bitPattern: cell.v.i64))
      case CellType.real:
        canonical.put(littleEndian: cell.v.f64.isNaN ? 0x7ff8_0000_0000_0000 : cell.v.f64.bitPattern)
      default:
        canonical.put(littleEndian: cell.len)
        if cell.len <= 64 << 10 {
          canonical.append(cell.bytes)
        } else {
          // Large values are hashed in place.
          canonical.drain { hasher.update(bufferPointer: $0) }
          hasher.update(bufferPointer: cell.bytes)
        }
      }
    }
    canonical.drain { hasher.update(bufferPointer: $0) }
    return hasher.finalize()
  }

  private mutating func add(_ hash: SHA256.Digest) {
    hash.withUnsafeBytes { bytes in
      add(
        (
          UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self)),
          UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self)),
          UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self)),
          UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
        ))
    }
  }

  private mutating func add(_ other: (UInt64, UInt64, UInt64, UInt64)) {
    var carry = false
    func plus(_ left: UInt64, _ right: UInt64) -> UInt64 {
      let (partial, first) = left.addingReportingOverflow(right)
      let (total, second) = partial.addingReportingOverflow(carry ? 1 : 0)
      carry = first || second
      return total
    }
    sum.3 = plus(sum.3, other.3)
    sum.2 = plus(sum.2, other.2)
    sum.1 = plus(sum.1, other.1)
    sum.0 = plus(sum.0, other.0)
  }
}

extension OutputBuffer {
  /// Eight bytes.
  fileprivate func put(littleEndian value: UInt64) {
    UnsafeMutableRawPointer(end).storeBytes(of: value.littleEndian, as: UInt64.self)
    advance(8)
  }

  /// Reserves by itself.
  fileprivate func append(_ bytes: UnsafeRawBufferPointer) {
    guard let start = bytes.baseAddress else { return }
    reserve(bytes.count)
    put(start.assumingMemoryBound(to: UInt8.self), bytes.count)
  }
}

import BelayArchive
import BelayProcess
import Synchronization

/// An object of a remote, open for reading at any place: `rclone cat` of ranges, and no more of it than is read, but for the
/// rest of the last range.
///
/// The first range of a place is small, since most places are headers. Each that goes on where another has ended is twice as
/// long, so that a large member is read by few processes.
final class RcloneSource: ArchiveSource {
  let path: String
  let size: UInt64
  private let object: String
  private let rclone: Rclone
  /// Open ranges, in the order in which they were used last.
  private let ranges = Mutex<[OpenRange]>([])

  private static let smallest: UInt64 = 64 << 10
  private static let largest: UInt64 = 256 << 20
  /// To read on over so many bytes is cheaper than another process.
  private static let nearby: UInt64 = 256 << 10
  private static let mostRanges = 4
  private static let tries = 3

  /// - Parameter object: as rclone takes it: `REMOTE:path`.
  init(_ object: String, location: String, size: UInt64, rclone: Rclone) {
    self.object = object
    path = location
    self.size = size
    self.rclone = rclone
  }

  func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
    guard offset < size, buffer.count > 0 else { return 0 }
    let wanted = UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(min(UInt64(buffer.count), size - offset))])
    var tried = 0
    while true {
      tried += 1
      do throws(ArchiveError) {
        var range = try range(at: offset, wanted: UInt64(wanted.count))
        let count = try fill(wanted, from: &range)
        keep(range)
        return count
      } catch {
        // A connection that breaks is no reason to begin a restore of hours again.
        guard tried < Self.tries, error.kind == .unreachable else { throw error }
      }
    }
  }

  /// All that is wanted and in the range.
  private func fill(_ buffer: UnsafeMutableRawBufferPointer, from range: inout OpenRange) throws(ArchiveError) -> Int {
    var filled = 0
    while filled < buffer.count, range.left > 0 {
      filled += try piece(UnsafeMutableRawBufferPointer(rebasing: buffer[filled...]), from: &range)
    }
    return filled
  }

  private func piece(_ buffer: UnsafeMutableRawBufferPointer, from range: inout OpenRange) throws(ArchiveError) -> Int {
    let room = UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(min(UInt64(buffer.count), range.left))])
    switch range.process.read(into: room, patience: Rclone.patience, isStopped: rclone.isStopped) {
    case .bytes(let count):
      range.position += UInt64(count)
      return count
    case .silence: throw Rclone.silent(path, Rclone.patience)
    case .stopped: throw ArchiveError(.cancelled, path: path, "the reading of \(path) was stopped")
    case .end:
      let ending = range.process.wait()
      if ending == .exited(3) || ending == .exited(4) {
        throw ArchiveError(.notFound, path: path, "\(path) is not there any more")
      }
      guard ending == .exited(0) else { throw Rclone.failed("read", path, ending, range.process.errorText) }
      throw ArchiveError(
        .unreachable, path: path, "\(path) ended at \(range.position) while it was read, of \(size) bytes")
    }
  }

  /// One that begins exactly there: an open one, read on to there if that is near, or a new one.
  private func range(at offset: UInt64, wanted: UInt64) throws(ArchiveError) -> OpenRange {
    let found = ranges.withLock { ranges -> OpenRange? in
      let place =
        ranges.firstIndex { $0.position == offset }
        ?? ranges.firstIndex { $0.position < offset && offset - $0.position <= Self.nearby && offset < $0.end }
      return place.map { ranges.remove(at: $0) }
    }
    var length = Self.smallest
    if var found {
      if found.position < offset {
        let skipped = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(offset - found.position), alignment: 8)
        defer { skipped.deallocate() }
        _ = try fill(skipped, from: &found)
      }
      if found.left > 0 { return found }
      length = min(Self.largest, 2 * found.length)
    }
    let count = min(max(length, wanted), size - offset)
    let process = try rclone.start(
      ["cat", "--offset", "\(offset)", "--count", "\(count)", object], at: path)
    return OpenRange(process: process, position: offset, end: offset + count, length: count)
  }

  private func keep(_ range: OpenRange) {
    // What is dropped is ended outside of the lock.
    let dropped = ranges.withLock { ranges -> OpenRange? in
      ranges.append(range)
      return ranges.count > Self.mostRanges ? ranges.removeFirst() : nil
    }
    withExtendedLifetime(dropped) {}
  }

  private struct OpenRange {
    let process: StreamedProcess
    var position: UInt64
    let end: UInt64
    let length: UInt64

    var left: UInt64 { end - position }
  }
}

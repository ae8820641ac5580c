import Foundation
import Glibc
import SystemPackage

/// Sorted rows on the disk, written once and then read once. The file has no name, so that nothing of it is left, whatever
/// ends the process.
final class SpillFile {
  private static let usualBytes = 1 << 20

  private let folder: FilePath
  private let file: FileDescriptor
  private var waiting: [UInt8] = []

  init(in folder: FilePath) throws(SpillError) {
    self.folder = folder
    let path = folder.appending(".rows-\(UUID().uuidString)")
    do {
      file = try FileDescriptor.open(
        path, .readWrite, options: [.create, .exclusiveCreate, .closeOnExec, .noFollow], permissions: [.ownerReadWrite])
    } catch {
      throw SpillError(folder: folder, code: error as? Errno ?? .ioError)
    }
    guard unlink(path.string) == 0 else { throw SpillError(folder: folder, code: Errno(rawValue: errno)) }
  }

  deinit { try? file.close() }

  func add(_ row: RowRecord) throws(SpillError) {
    for part in [row.key, row.content] { withUnsafeBytes(of: UInt64(part.count)) { waiting.append(contentsOf: $0) } }
    waiting.append(contentsOf: row.key)
    waiting.append(contentsOf: row.content)
    if waiting.count >= Self.usualBytes { try flush() }
  }

  func flush() throws(SpillError) {
    do {
      _ = try file.writeAll(waiting)
    } catch {
      throw SpillError(folder: folder, code: error as? Errno ?? .ioError)
    }
    waiting.removeAll(keepingCapacity: waiting.capacity <= 2 * Self.usualBytes)
  }

  /// - Returns: fewer bytes only at the end.
  func read(at offset: Int64, _ count: Int) throws(SpillError) -> [UInt8] {
    var failure: Errno?
    let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      do {
        while filled < count {
          let rest = UnsafeMutableRawBufferPointer(rebasing: UnsafeMutableRawBufferPointer(buffer)[filled...])
          let got = try file.read(fromAbsoluteOffset: offset + Int64(filled), into: rest)
          if got == 0 { break }
          filled += got
        }
      } catch {
        failure = error as? Errno ?? .ioError
      }
    }
    if let failure { throw SpillError(folder: folder, code: failure) }
    return bytes
  }

  /// What was written cannot be read again.
  var isShort: SpillError { SpillError(folder: folder, code: .ioError) }
}

/// The rows of such a file, in their order.
final class SpilledRows: RowSource {
  private static let usualBytes = 128 << 10
  private static let head = 16

  private let file: SpillFile
  private var offset: Int64 = 0
  private var buffer: [UInt8] = []
  private var position = 0

  init(_ file: SpillFile) { self.file = file }

  func next() throws(SpillError) -> RowRecord? {
    try fill(Self.head)
    guard buffer.count > position else { return nil }
    guard buffer.count - position >= Self.head else { throw file.isShort }
    let (key, content) = buffer.withUnsafeBytes { bytes in
      (
        Int(bytes.loadUnaligned(fromByteOffset: position, as: UInt64.self)),
        Int(bytes.loadUnaligned(fromByteOffset: position + 8, as: UInt64.self))
      )
    }
    try fill(Self.head + key + content)
    let start = position + Self.head
    guard buffer.count - start >= key + content else { throw file.isShort }
    position = start + key + content
    return RowRecord(key: Array(buffer[start..<start + key]), content: Array(buffer[start + key..<position]))
  }

  private func fill(_ count: Int) throws(SpillError) {
    guard buffer.count - position < count else { return }
    let wanted = max(count - (buffer.count - position), Self.usualBytes)
    let more = try file.read(at: offset, wanted)
    offset += Int64(more.count)
    buffer = Array(buffer[position...]) + more
    position = 0
  }
}

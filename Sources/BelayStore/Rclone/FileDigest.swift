import BelayArchive
import BelayRows
import Crypto
import Glibc
import SystemPackage

/// The size of a file, and its hashes by the algorithms by which storage tells them: to compare without reading it back.
struct FileDigest: Sendable, Equatable {
  let bytes: UInt64
  /// By rclone's names of the algorithms: hexadecimal digits in lower case.
  let hashes: [String: String]

  /// rclone's names of those that are computed here, the strongest first.
  static let known = ["sha256", "sha1", "md5"]
  var sha256: String { hashes["sha256"] ?? "" }

  /// Reads a file of the local disk once.
  init(_ file: FilePath) throws(ArchiveError) { try self.init(reading: ArchiveFile(file)) }

  /// Reads all of it once.
  init(reading source: any ArchiveSource) throws(ArchiveError) {
    var hasher = FileHasher()
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
    defer { buffer.deallocate() }
    while true {
      let count = try source.read(at: hasher.bytes, into: buffer)
      guard count > 0 else { break }
      hasher.add(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
    }
    self = hasher.digest
  }

  fileprivate init(bytes: UInt64, hashes: [String: String]) {
    self.bytes = bytes
    self.hashes = hashes
  }
}

/// Makes a digest of bytes that come one after the other.
struct FileHasher {
  private(set) var bytes: UInt64 = 0
  private var sha256 = SHA256()
  private var sha1 = Insecure.SHA1()
  private var md5 = Insecure.MD5()

  mutating func add(_ piece: UnsafeRawBufferPointer) {
    bytes += UInt64(piece.count)
    sha256.update(bufferPointer: piece)
    sha1.update(bufferPointer: piece)
    md5.update(bufferPointer: piece)
  }

  var digest: FileDigest {
    FileDigest(
      bytes: bytes,
      hashes: [
        "sha256": Hex.text(sha256.finalize()), "sha1": Hex.text(sha1.finalize()), "md5": Hex.text(md5.finalize()),
      ])
  }
}

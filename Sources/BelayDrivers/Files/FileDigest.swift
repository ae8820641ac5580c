import BelayRows
import Crypto
import Glibc

/// The digest of a whole file.
enum FileDigest {
  /// nil if it cannot be read completely.
  static func of<Hash: HashFunction>(_ descriptor: Int32, _: Hash.Type) -> [UInt8]? {
    var hash = Hash()
    var buffer = [UInt8](repeating: 0, count: 1 << 18)
    var offset = 0
    while true {
      let count = buffer.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress, $0.count, offset) }
      if count < 0, errno == EINTR { continue }
      if count < 0 { return nil }
      if count == 0 { return Array(hash.finalize()) }
      hash.update(data: buffer[..<count])
      offset += count
    }
  }

  /// 64 hex digits; empty if it cannot be read completely.
  static func sha256(_ descriptor: Int32) -> String { Hex.text(of(descriptor, SHA256.self) ?? []) }

  /// The same for a file that is not open.
  static func sha256(ofFile path: String) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    return sha256(descriptor)
  }
}

import Crypto
import Glibc

/// The digest of a whole open file.
enum FileDigest {
  /// nil where it cannot be read to its end.
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
}

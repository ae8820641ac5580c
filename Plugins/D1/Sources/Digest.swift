import BelayDriverKit
import CLibcrypto

/// MD5, by which D1 identifies the bytes of an import. It protects against accidents, not against attacks.
final class MD5 {
  private let context: OpaquePointer

  init() throws(DriverFailure) {
    guard let context = EVP_MD_CTX_new() else { throw DriverFailure(.internal, "libcrypto has run out of memory") }
    self.context = context
    guard EVP_DigestInit_ex(context, EVP_md5(), nil) == 1 else {
      throw DriverFailure(
        .unsupported, "libcrypto on this machine does not allow MD5, which is needed to check D1's imports and exports")
    }
  }

  deinit { EVP_MD_CTX_free(context) }

  func add(_ bytes: UnsafeRawBufferPointer) { EVP_DigestUpdate(context, bytes.baseAddress, bytes.count) }

  /// The digest in hex. Can be called once.
  func finish() -> String {
    var digest = [UInt8](repeating: 0, count: Int(EVP_MAX_MD_SIZE))
    var count: UInt32 = 0
    EVP_DigestFinal_ex(context, &digest, &count)
    return Hex.text(digest.prefix(Int(count)))
  }
}

/// SHA-256, for the names of wrangler's local files.
enum SHA256 {
  static func hash(_ bytes: [UInt8]) -> [UInt8] {
    var digest = [UInt8](repeating: 0, count: 32)
    EVP_Digest(bytes, bytes.count, &digest, nil, EVP_sha256(), nil)
    return digest
  }

  static func hmac(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
    var code = [UInt8](repeating: 0, count: 32)
    HMAC(EVP_sha256(), key, Int32(key.count), bytes, bytes.count, &code, nil)
    return code
  }
}

import BelayRows
import Crypto

/// SHA-256 as 64 hex digits.
package func sha256(_ bytes: [UInt8]) -> String { Hex.text(SHA256.hash(data: bytes)) }

/// HMAC-SHA-256 as 64 hex digits.
package func hmacSHA256(_ text: String, key: [UInt8]) -> String {
  Hex.text(HMAC<SHA256>.authenticationCode(for: Array(text.utf8), using: SymmetricKey(data: key)))
}

/// Whether `code` is what `hmacSHA256` gives, in a time that tells nothing of it.
package func isHMACSHA256(_ code: String, of text: String, key: [UInt8]) -> Bool {
  guard let code = Hex.bytes(code) else { return false }
  return HMAC<SHA256>.isValidAuthenticationCode(
    code, authenticating: Array(text.utf8), using: SymmetricKey(data: key))
}

import BelayRows
import Crypto

/// SHA-256 as 64 hex digits.
package func sha256(_ bytes: [UInt8]) -> String { Hex.text(SHA256.hash(data: bytes)) }

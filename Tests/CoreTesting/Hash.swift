import Crypto
import Foundation

/// SHA-256 as hex, by another implementation than belay calls.
package func sha256(_ text: String) -> String {
  SHA256.hash(data: Data(text.utf8)).map { String(format: "%02x", $0) }.joined()
}

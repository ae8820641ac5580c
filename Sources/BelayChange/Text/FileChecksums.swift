/// A tool's checksums of one file: a checkout may have other line ends than the one that was applied.
struct FileChecksums {
  /// Of the bytes as they are.
  let own: String
  /// With the line ends as they are, as LF and as CRLF.
  let all: Set<String>

  init(_ bytes: [UInt8], by checksum: ([UInt8]) -> String) {
    let text = String(decoding: bytes, as: UTF8.self)
    let unix = text.replacing("\r\n", with: "\n")
    own = checksum(bytes)
    all = Set([own] + [unix, unix.replacing("\n", with: "\r\n")].map { checksum(Array($0.utf8)) })
  }
}

/// How the bytes of one member are stored. Each member is compressed by itself, so that one is read without the rest.
package enum Compression: String, Codable, Sendable, CaseIterable {
  case none, zstd, gzip

  /// What a member's name ends in, so that `zstd -d` and `gzip -d` know it: ".zst", ".gz" or nothing.
  package var suffix: String {
    switch self {
    case .none: ""
    case .zstd: ".zst"
    case .gzip: ".gz"
    }
  }

  /// What the end of a member's name says.
  package init(memberName: String) {
    if memberName.hasSuffix(Compression.zstd.suffix) {
      self = .zstd
    } else if memberName.hasSuffix(Compression.gzip.suffix) {
      self = .gzip
    } else {
      self = .none
    }
  }

  /// The default level. Fast ones: the second core compresses while the first one reads the database, and must keep up
  /// with it.
  package var usualLevel: Int {
    switch self {
    case .none: 0
    case .zstd: 1
    case .gzip: 3
    }
  }
}

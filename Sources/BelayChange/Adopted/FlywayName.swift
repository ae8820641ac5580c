import Foundation

/// A file's name as Flyway reads it: `V1_2__add_posts.sql`, `R__views.sql`.
struct FlywayName {
  enum Kind: String, CaseIterable {
    case versioned = "V"
    case repeatable = "R"
    case undo = "U"
    case baseline = "B"
  }

  let kind: Kind
  /// As the ledger has it: `1.2`. Empty for a repeatable migration.
  let version: String
  let description: String

  /// - Parameter name: without folders. nil: Flyway ignores it.
  init?(_ name: String) {
    guard name.lowercased().hasSuffix(".sql"), let kind = name.first.flatMap({ Kind(rawValue: String($0)) }) else {
      return nil
    }
    let rest = name.dropFirst().dropLast(4)
    let parts = rest.range(of: "__")
    let left = String(parts.map { rest[..<$0.lowerBound] } ?? rest)
    let right = parts.map { String(rest[$0.upperBound...]) } ?? ""
    if kind == .repeatable {
      guard left.isEmpty else { return nil }
      version = ""
    } else {
      version = left.replacing("_", with: ".")
      guard FlywayVersion(version) != nil else { return nil }
    }
    self.kind = kind
    description = right.replacing("_", with: " ")
  }
}

/// Numbers with dots between them, compared one by one; zeros at the end mean nothing.
struct FlywayVersion {
  private let parts: [String]

  init?(_ text: String) {
    let parts = text.split(separator: ".", omittingEmptySubsequences: false).map(NumberedVersions.number)
    guard !parts.contains(nil) else { return nil }
    self.parts = parts.compactMap(\.self)
  }

  /// Equal for equal versions: `1.0` and `01` are 1.
  var key: String {
    let end = parts.lastIndex { $0 != "0" }.map { $0 + 1 } ?? min(1, parts.count)
    return parts[..<end].joined(separator: ".")
  }

  static func < (a: FlywayVersion, b: FlywayVersion) -> Bool {
    for index in 0..<max(a.parts.count, b.parts.count) {
      let x = index < a.parts.count ? a.parts[index] : "0"
      let y = index < b.parts.count ? b.parts[index] : "0"
      if x != y { return NumberedVersions.precedes(x, y) }
    }
    return false
  }
}

/// Flyway's checksum of a file: CRC-32 over its lines without their ends and without a byte order mark, as a signed number
/// of 32 bits. So other line ends make no other checksum.
enum FlywayChecksum {
  static func of(_ bytes: [UInt8]) -> Int32 {
    let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes[...]
    return Int32(bitPattern: CRC32.of(body.lazy.filter { $0 != 0x0A && $0 != 0x0D }))
  }
}

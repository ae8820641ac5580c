import BelayDriverKit

/// What a URL refers to.
enum Target: Equatable {
  /// A database of an account, by its name or id.
  case remote(account: String, database: String)
  /// A local database of a wrangler project.
  case local(LocalDatabase)

  init(url: String) throws(DriverFailure) {
    guard let colon = url.utf8.firstIndex(of: UInt8(ascii: ":")) else { throw Self.malformed }
    let scheme = url[..<colon].lowercased()
    var rest = String(url[url.index(after: colon)...])
    if scheme == "d1-local" {
      self = .local(try LocalDatabase(written: rest))
      return
    }
    guard rest.hasPrefix("//") else { throw Self.malformed }
    rest.removeFirst(2)
    while rest.hasSuffix("/") { rest.removeLast() }
    let parts = rest.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty, !rest.utf8.contains(UInt8(ascii: "?")),
      !rest.utf8.contains(UInt8(ascii: "#")), !rest.utf8.contains(UInt8(ascii: "@"))
    else { throw Self.malformed }
    // The account becomes part of a path.
    guard parts[0].utf8.allSatisfy(isPlain) else { throw Self.malformed }
    self = .remote(account: parts[0], database: try Self.percentDecoded(parts[1]))
  }

  private static var malformed: DriverFailure {
    DriverFailure(
      .invalid, "this is not the URL of a D1 database",
      hint: "write d1://ACCOUNT_ID/DATABASE, with the database's name or id")
  }

  private static func percentDecoded(_ text: String) throws(DriverFailure) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard rest.count >= 2, let value = UInt8(String(Substring(rest.prefix(2))), radix: 16) else { throw malformed }
      rest.removeFirst(2)
      bytes.append(value)
    }
    guard let decoded = String(validating: bytes, as: UTF8.self), !bytes.contains(0) else { throw malformed }
    return decoded
  }
}

/// Letters, digits and -.
func isPlain(_ byte: UInt8) -> Bool {
  switch byte {
  case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"): true
  default: false
  }
}

/// The form of a UUID, by which the API identifies databases.
func isUUID(_ text: String) -> Bool {
  let parts = text.split(separator: "-", omittingEmptySubsequences: false)
  return parts.map(\.utf8.count) == [8, 4, 4, 4, 12]
    && parts.allSatisfy { part in
      part.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0 | 0x20) }
    }
}

import BelayDriverKit

/// A `postgres://` URL for another database. Handles every form that libpq accepts: no user, no host, several hosts, a
/// socket's folder, the database's name in the path or among the settings.
enum DatabaseURL {
  /// The name goes into the path; settings named `dbname`, which would override it, are left out.
  static func replacingDatabase(of url: String, by name: String) -> String {
    let (server, settings) = split(url)
    let kept = settings.filter { decoded($0.prefix { $0 != "=" }) != "dbname" }
    return server + "/" + encoded(name) + (kept.isEmpty ? "" : "?" + kept.joined(separator: "&"))
  }

  /// The name is added as the last setting.
  static func appendingDatabase(to url: String, _ name: String) -> String {
    url + (url.contains("?") ? "&" : "?") + "dbname=" + encoded(name)
  }

  /// `scheme://user:password@hosts` and the pieces between `?` and `&`.
  private static func split(_ url: String) -> (server: String, settings: [Substring]) {
    guard let scheme = url.firstRange(of: "://") else { return (url, []) }
    var rest = url[scheme.upperBound...]
    // As in libpq: what precedes the first @ belongs to the user, unless a / comes first.
    if let mark = rest.firstIndex(where: { $0 == "@" || $0 == "/" }), url[mark] == "@" {
      rest = url[url.index(after: mark)...]
    }
    let path = rest.firstIndex { $0 == "/" || $0 == "?" } ?? url.endIndex
    guard let question = url[path...].firstIndex(of: "?") else { return (String(url[..<path]), []) }
    return (String(url[..<path]), url[url.index(after: question)...].split(separator: "&"))
  }

  private static func encoded(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"), UInt8(ascii: "."):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        result += "%" + Hex.text(byte).uppercased()
      }
    }
    return result
  }

  private static func decoded(_ text: Substring) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), let value = UInt8(String(Substring(rest.prefix(2))), radix: 16) {
        rest = rest.dropFirst(2)
        bytes.append(value)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

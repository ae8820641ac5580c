import BelayDriverKit
import CPostgreSQL

/// The parameters of a connection: a URL in any form that libpq knows, parsed by libpq itself.
struct ConnectionParameters {
  /// As the host gave it, or derived from it for another database.
  private(set) var url: String
  /// Keywords and values in libpq's order; only those that the URL holds. May be secret.
  private(set) var values: [(keyword: String, value: String)]

  /// Refuses what libpq cannot parse. No message contains a value: it may be a password, or a part of one.
  init(url: String) throws(DriverFailure) {
    self.url = url
    guard !url.utf8.contains(0), let parsed = Self.parse(url) else {
      throw DriverFailure(
        .invalid, "libpq cannot parse the URL",
        hint: "write postgres://USER@HOST:PORT/DATABASE, special characters percent-encoded")
    }
    values = parsed
    // libpq would quote these values in its later errors. If the password has an unencoded character, they contain a
    // part of it.
    let hosts = self["host", default: ""].split(separator: ",")
    let ports = self["port", default: ""].split(separator: ",")
    let name = self["dbname", default: ""]
    guard hosts.allSatisfy({ !$0.dropFirst().contains("@") }), ports.allSatisfy({ UInt16($0) != nil }),
      !(name.contains("@") && name.contains("/"))
    else {
      throw DriverFailure(
        .invalid, "it is not clear where in the URL the password ends and the host begins",
        hint: "percent-encode the password: @ is %40, / is %2F, : is %3A")
    }
  }

  subscript(keyword: String) -> String? {
    values.last { $0.keyword == keyword }?.value
  }

  subscript(keyword: String, default byDefault: String) -> String {
    self[keyword] ?? byDefault
  }

  /// The same, for another database of the same server: everything else stays, secrets too.
  func with(database: String) -> ConnectionParameters {
    var other = self
    other.url = DatabaseURL.replacingDatabase(of: url, by: database)
    // For forms of URLs that are not handled above: libpq uses the last of several equal keywords.
    if Self.parse(other.url)?.last(where: { $0.keyword == "dbname" })?.value != database {
      other.url = DatabaseURL.appendingDatabase(to: url, database)
    }
    other.values.removeAll { $0.keyword == "dbname" }
    other.values.append(("dbname", database))
    return other
  }

  /// What must never appear in a message.
  var secrets: [String] {
    values.filter { Self.isSecret($0.keyword) && !$0.value.isEmpty }.map(\.value)
  }

  /// libpq marks these as secret in its own option lists.
  static func isSecret(_ keyword: String) -> Bool {
    ["password", "sslpassword", "scram_client_key", "scram_server_key", "oauth_client_secret"].contains(keyword)
  }

  private static func parse(_ url: String) -> [(keyword: String, value: String)]? {
    var words: UnsafeMutablePointer<CChar>?
    guard let options = PQconninfoParse(url, &words) else {
      PQfreemem(words)
      return nil
    }
    defer { PQconninfoFree(options) }
    return read(options)
  }

  /// Keywords that have a value, of a list as libpq gives it. `defaults`: also those that have libpq's own.
  static func read(
    _ options: UnsafeMutablePointer<PQconninfoOption>, defaults: Bool = true
  ) -> [(keyword: String, value: String)] {
    var values: [(keyword: String, value: String)] = []
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val.map({ String(cString: $0) }) {
        let byDefault = option.pointee.compiled.map { String(cString: $0) }
        if defaults || value != byDefault { values.append((String(cString: keyword), value)) }
      }
      option += 1
    }
    return values
  }
}

import BelayDriverKit
import CPostgreSQL

/// What libpq is told to connect with: a URL of any form that libpq knows, taken apart by libpq itself.
struct ConnectionParameters {
  /// As the host gave it.
  let url: String
  /// Keywords and values in libpq's order; only those that the URL holds.
  private(set) var values: [(keyword: String, value: String)]

  /// Refuses what libpq cannot read. The message names no value: one may be a password.
  init(url: String) throws(DriverFailure) {
    self.url = url
    var words: UnsafeMutablePointer<CChar>?
    guard let options = PQconninfoParse(url, &words) else {
      PQfreemem(words)
      throw DriverFailure(
        .invalid, "the URL is not one that libpq reads",
        hint: "write postgres://USER@HOST:PORT/DATABASE, special characters percent-encoded")
    }
    defer { PQconninfoFree(options) }
    values = []
    var option = options
    while let keyword = option.pointee.keyword {
      if let value = option.pointee.val { values.append((String(cString: keyword), String(cString: value))) }
      option += 1
    }
  }

  subscript(keyword: String) -> String? {
    get { values.last { $0.keyword == keyword }?.value }
    set {
      values.removeAll { $0.keyword == keyword }
      if let newValue { values.append((keyword, newValue)) }
    }
  }
}

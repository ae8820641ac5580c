import BelayText
import Foundation

/// A target for a new belay.yaml, from a URL that somebody typed or that a project has.
struct ProposedTarget: Equatable {
  let name: String
  /// With variables in the place of secrets.
  let url: String
  /// Where it was found: "shop.db is a SQLite database".
  let reason: String
  /// A variable of the environment that has to be set, and what it holds: "the password"; nil: none.
  var variable: (name: String, holds: String)?

  /// Of a SQLite database: its file; nil: it is of another engine.
  var file: String? { url.hasPrefix("sqlite:") ? String(url.dropFirst("sqlite:".count)) : nil }

  static func == (a: Self, b: Self) -> Bool { a.name == b.name && a.url == b.url && a.reason == b.reason }

  init(name: String, url: String, reason: String) {
    self.name = name
    self.url = url
    self.reason = reason
  }

  /// Of a URL as it stands somewhere.
  /// - Parameters:
  ///   - from: the variable that holds it; nil: somebody typed it.
  /// - Returns: nil where no driver can be meant.
  init?(of text: String, from variable: String? = nil, reason: String) {
    let scheme = text.prefix { $0 != ":" }
    guard scheme.count < text.count, !scheme.isEmpty else { return nil }
    // SQLAlchemy adds its own driver, Prisma calls a SQLite database a file.
    let engine = scheme.split(separator: "+").first.map(String.init)?.lowercased() ?? ""
    let rest = String(text[text.index(text.startIndex, offsetBy: scheme.count + 1)...])
    guard engine != "file", engine != "sqlite", engine != "sqlite3" else {
      let path = Self.path(rest[...])
      guard !path.isEmpty, path != ":memory:" else { return nil }
      self.init(name: Self.name(path), url: "sqlite:\(path)", reason: reason)
      return
    }
    let (bare, query) = Self.split(rest)
    let name = Self.name(bare)
    let url = "\(engine):\(bare)\(query)"
    // What the variable holds can be used as it is.
    if let variable, scheme == engine, url == text {
      self.init(name: name, url: "${\(variable)}", reason: reason)
      self.variable = (variable, "the URL of the database")
      return
    }
    let hidden = redact(url: url)
    guard hidden != url else {
      self.init(name: name, url: url, reason: reason)
      return
    }
    let password =
      name.uppercased().map { $0.isLetter && $0.isASCII || $0.isNumber ? String($0) : "_" }.joined() + "_PASSWORD"
    guard let place = hidden.range(of: "***"), hidden[place.upperBound...].range(of: "***") == nil else { return nil }
    self.init(name: name, url: hidden.replacingCharacters(in: place, with: "${\(password)}"), reason: reason)
    self.variable = (password, "the password, percent-encoded")
  }

  /// A URL's path of a file.
  private static func path(_ rest: Substring) -> String {
    // sqlite:///shop.db is a relative path, sqlite:////srv/shop.db an absolute one.
    var path = rest.prefix { $0 != "?" }
    if path.hasPrefix("///") { path = path.dropFirst(3) } else if path.hasPrefix("//") { path = path.dropFirst(2) }
    if path.hasPrefix("./") { path = path.dropFirst(2) }
    return String(path)
  }

  /// What libraries add to a URL for themselves, no server knows: only what libpq takes stays.
  private static func split(_ rest: String) -> (bare: String, query: String) {
    guard let mark = rest.firstIndex(of: "?") else { return (rest, "") }
    let known = ["host", "port", "user", "dbname", "options", "service", "connect_timeout", "application_name"]
    let kept = rest[rest.index(after: mark)...].split(separator: "&").filter { part in
      let key = part.prefix { $0 != "=" }
      return key.hasPrefix("ssl") || known.contains(String(key))
    }
    return (String(rest[..<mark]), kept.isEmpty ? "" : "?" + kept.joined(separator: "&"))
  }

  /// The last part of a path, in the letters of a target's name.
  private static func name(_ path: String) -> String {
    let last = path.split(separator: "/").last.map(String.init) ?? ""
    let stem =
      [".db", ".sqlite", ".sqlite3"].first(where: last.hasSuffix).map { String(last.dropLast($0.count)) } ?? last
    // Letters without their accents: the names are typed, and stand in ids.
    let bare = String(
      String.UnicodeScalarView(
        stem.replacing("ß", with: "ss").decomposedStringWithCanonicalMapping.unicodeScalars.filter {
          $0.properties.canonicalCombiningClass == .notReordered
        }))
    let plain = bare.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_" || $0 == "-") }
    return plain.isEmpty || plain.contains("@") ? "main" : plain
  }
}

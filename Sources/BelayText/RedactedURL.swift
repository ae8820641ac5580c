/// A database's URL for a log, a report or a manifest: what could be a password, and the values of settings whose names
/// suggest secrets, are replaced by `***`.
///
/// People mistype URLs, and the message that says so must not print what they typed. So nothing here relies on a URL being
/// well formed: where it is not clear what a piece is, the piece is cut.
package struct RedactedURL: Sendable, Equatable {
  /// What may be shown.
  package let text: String
  /// What was cut out, for `hide(in:)`.
  private let secrets: [String]

  package init(_ url: String) {
    var text = url
    var hidden: [Substring] = []
    // What is left may look like a secret only now, and what is shown must stay as it is when it is redacted again: each
    // round hides more, so there are few.
    for _ in 0..<Self.mostRounds {
      let (shown, cuts) = Self.redacted(text)
      hidden += cuts
      guard shown != text else { break }
      text = shown
    }
    self.text = text
    secrets = Self.words(of: hidden)
  }

  private static let mostRounds = 20

  private static func redacted(_ url: String) -> (shown: String, cuts: [Substring]) {
    let cuts = merged(credentials(in: url) + settings(in: url))
    var shown = ""
    var place = url.startIndex
    for cut in cuts {
      shown += url[place..<cut.lowerBound] + "***"
      place = cut.upperBound
    }
    return (shown + url[place...], cuts.map { url[$0] })
  }

  /// There is something to hide.
  package var hasSecrets: Bool { !secrets.isEmpty }

  /// The same secrets cut out of another text, such as a driver's message about this URL.
  package func hide(in message: String) -> String {
    secrets.reduce(message) { $0.replacing($1, with: "***") }
  }

  /// What was cut out and its parts, as written and decoded, the longest first. Shorter than three letters it would hide
  /// half of every message, and says nothing.
  private static func words(of cuts: [Substring]) -> [String] {
    var words: Set<String> = []
    for cut in cuts {
      let parts: [Substring] = cut.split { "/?#@:&=;'\"\\".contains($0) || $0.isWhitespace }.filter { $0.count > 3 }
      for word in [cut] + parts {
        words.insert(String(word))
        words.insert(Percent.decoded(word))
      }
    }
    return words.filter { $0.count > 2 && $0 != "***" }.sorted { ($0.count, $0) > ($1.count, $1) }
  }

  private static func merged(_ cuts: [Range<String.Index>]) -> [Range<String.Index>] {
    var merged: [Range<String.Index>] = []
    for cut in cuts.sorted(by: { $0.lowerBound < $1.lowerBound }) {
      if let last = merged.last, cut.lowerBound <= last.upperBound {
        merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, cut.upperBound)
      } else {
        merged.append(cut)
      }
    }
    return merged
  }
}

/// As `RedactedURL.text`.
package func redact(url: String) -> String { RedactedURL(url).text }

/// A text in which somebody may have typed a URL, such as a message about wrong arguments.
package func redact(words text: String) -> String {
  var result = ""
  var rest = text[...]
  while let start = rest.firstIndex(where: { !isBetweenWords($0) }) {
    result += rest[..<start]
    let word = rest[start...].prefix { !isBetweenWords($0) }
    result +=
      word.contains("@") || word.contains("://") || word.contains("=") ? redact(url: String(word)) : String(word)
    rest = rest[word.endIndex...]
  }
  return result + rest
}

private func isBetweenWords(_ character: Character) -> Bool { character.isWhitespace || "'\"`".contains(character) }

// MARK: User and password

extension RedactedURL {
  private typealias Cut = Range<String.Index>

  private static func credentials(in url: String) -> [Cut] {
    let (body, slashes) = afterScheme(url)
    let isAuthority = slashes == 2
    guard let at = body.lastIndex(of: "@") else { return withoutHost(body, isAuthority: isAuthority) }
    if isOfSetting(at, in: body) { return [] }
    let before = body[..<at]
    if before.isEmpty { return [] }
    // A password may hold anything, also `@`, `/`, `?` or `:`, so nothing but the last `@` marks its end.
    if let colon = before.firstIndex(of: ":") { return [body.index(after: colon)..<at] }
    if isAuthority {
      let user = before.prefix { $0.isLetter || $0.isNumber || "._-+%".contains($0) }
      return user.endIndex == at ? [] : [user.endIndex..<at]
    }
    // `user:password@host` without a scheme looks like a scheme and a user. So does the path of a file.
    return slashes == 0 && !before.contains("/") && !isFile(body[at...]) ? [before.startIndex..<at] : []
  }

  /// Whether the last name of a path ends as files of databases do. A host ends in none of these, and a database on a server
  /// is hardly called like that.
  private static func isFile(_ text: Substring) -> Bool {
    let path = text.prefix { !"?#".contains($0) }
    let name = path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...]
    guard let dot = name.lastIndex(of: ".") else { return false }
    return ["db", "db3", "s3db", "sdb", "sl3", "sqlite", "sqlite2", "sqlite3"].contains(
      name[name.index(after: dot)...].lowercased())
  }

  /// Without an `@`: the password may have been typed where the port belongs, and the host forgotten.
  private static func withoutHost(_ body: Substring, isAuthority: Bool) -> [Cut] {
    let place = body.prefix { !"/?#".contains($0) }
    let first = isAuthority && place.first == "[" ? place[(place.firstIndex(of: "]") ?? place.startIndex)...] : place
    for host in first.split(separator: ",") {
      guard let colon = host.firstIndex(of: ":"), !host[..<colon].contains("=") else { continue }
      let port = host[host.index(after: colon)...]
      if !port.allSatisfy(\.isASCIIDigit) { return [port.startIndex..<body.endIndex] }
    }
    return []
  }

  /// Whether the last `@` is in the value of a setting: `host:5432/db?user=a@b`.
  private static func isOfSetting(_ at: String.Index, in body: Substring) -> Bool {
    guard let mark = body[..<at].firstIndex(where: { $0 == "?" || $0 == "#" }) else { return false }
    let address = body[..<mark]
    let hosts = address.prefix { $0 != "/" }.split(separator: ",", omittingEmptySubsequences: false)
    let hasPorts = hosts.allSatisfy { host in
      host.firstIndex(of: ":").map { host[host.index(after: $0)...].allSatisfy(\.isASCIIDigit) } ?? true
    }
    guard hasPorts, !address.contains("@"), !address.drop(while: { $0 != "/" }).contains(":") else { return false }
    let settings = body[body.index(after: mark)..<at].split(separator: "&", omittingEmptySubsequences: false)
    return settings.allSatisfy { setting in
      setting.firstIndex(of: "=").map { !setting[..<$0].isEmpty && setting[..<$0].allSatisfy(\.isOfName) } ?? false
    }
  }

  /// What stands behind the scheme and the slashes, and how many those are. Without a scheme all of the text.
  fileprivate static func afterScheme(_ url: String) -> (body: Substring, slashes: Int) {
    let scheme = url.prefix { $0.isASCII && ($0.isLetter || $0.isNumber || "+.-".contains($0)) }
    var body = url[...]
    if !scheme.isEmpty, url[scheme.endIndex...].first == ":" { body = url[scheme.endIndex...].dropFirst() }
    let slashes = body.prefix { $0 == "/" || $0 == "\\" }
    return (body[slashes.endIndex...], slashes.count)
  }
}

// MARK: Settings

extension RedactedURL {
  /// `name=value` pieces, as in a query (`?a=1&b=2`) or in a list of words (`a=1 b='2 3'`).
  private static func settings(in url: String) -> [Cut] {
    var cuts: [Cut] = []
    let body = afterScheme(url).body
    // The first word of a list has nothing before it. What is no setting there is a host, whatever it is called.
    if let equals = body.firstIndex(where: { !$0.isOfName }), body[equals] == "=", soundsSecret(body[..<equals]) {
      cuts.append(value(in: url, from: body.index(after: equals)))
    }
    var rest = url[...]
    while let start = rest.firstIndex(where: isBetweenSettings) {
      let isList = rest[start].isWhitespace || rest[start] == "#"
      rest = rest[rest.index(after: start)...]
      let piece = rest.prefix { !isBetweenSettings($0) }
      let name = piece.prefix { $0 != "=" && $0 != ":" }
      guard soundsSecret(name) else { continue }
      if name.endIndex < piece.endIndex {
        cuts.append(value(in: url, from: url.index(after: name.endIndex)))
      } else if !isList, !secretWords.contains(name.lowercased()) {
        // Without its `=`. Where a space or a `#` comes before, it is the name of a file.
        cuts.append(piece.startIndex..<piece.endIndex)
      }
    }
    return cuts
  }

  private static func isBetweenSettings(_ character: Character) -> Bool {
    "?&;#".contains(character) || character.isWhitespace
  }

  /// Up to the next `name=`: a value that nobody has encoded may hold what separates settings.
  private static func value(in url: String, from start: String.Index) -> Cut {
    let rest = url[start...]
    var place = rest.startIndex
    if let quote = rest.first, quote == "'" || quote == "\"" {
      place = endOfQuoted(rest.dropFirst(), quote)
    } else if rest.hasPrefix("***") {
      // Hidden already.
      place = rest.index(start, offsetBy: 3)
    }
    // What follows without a gap belongs to it.
    if place > start, rest[place...].first.map(isBetweenSettings) ?? true { return start..<place }
    while let mark = rest[place...].firstIndex(where: isBetweenSettings) {
      let next = rest[rest.index(after: mark)...]
      let name = next.prefix(while: \.isOfName)
      if !name.isEmpty, next[name.endIndex...].first == "=" { return start..<mark }
      place = rest.index(after: mark)
    }
    return start..<rest.endIndex
  }

  private static func endOfQuoted(_ text: Substring, _ quote: Character) -> String.Index {
    var rest = text
    while let character = rest.popFirst() {
      if character == "\\" { rest = rest.dropFirst() }
      if character == quote { return rest.startIndex }
    }
    return rest.endIndex
  }

  private static let secretWords: Set<String> = [
    "pass", "password", "passwd", "pwd", "secret", "token", "key", "credential", "credentials", "auth", "signature",
  ]

  private static func soundsSecret(_ name: Substring) -> Bool {
    let name = Percent.decoded(name).lowercased()
    return ["pass", "pwd", "secret", "token", "key", "credential", "auth", "signature"].contains { name.contains($0) }
  }
}

/// `%41` for `A`.
private enum Percent {
  /// What is no escape stays as it is.
  static func decoded(_ text: Substring) -> String {
    guard text.contains("%") else { return String(text) }
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      let digits = String(decoding: rest.prefix(2), as: UTF8.self)
      if byte == UInt8(ascii: "%"), digits.utf8.count == 2, digits.allSatisfy(\.isHexDigit),
        let decoded = UInt8(digits, radix: 16)
      {
        bytes.append(decoded)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

extension Character {
  fileprivate var isASCIIDigit: Bool { isASCII && isNumber }
  /// May stand in the name of a setting.
  fileprivate var isOfName: Bool { isASCII && (isLetter || isNumber || self == "_" || self == "-" || self == ".") }
}

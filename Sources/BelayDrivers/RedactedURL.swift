/// A database's URL for a log, a report or a manifest: the password in `user:password@`, and the values of settings
/// whose names suggest secrets, are replaced by `***`. It hides too much rather than too little.
package func redact(url: String) -> String {
  hideSettings(in: hidePassword(in: url))
}

/// The text after the user's name, up to the last `@` before the settings. A password may itself contain `@`, `/` or
/// `:`, so nothing else marks its end.
private func hidePassword(in url: String) -> String {
  guard let separator = url.firstRange(of: "://") else { return url }
  let rest = url[separator.upperBound...]
  let settings = rest.firstIndex { $0 == "?" || $0 == "#" } ?? rest.endIndex
  guard let at = rest[..<settings].lastIndex(of: "@") ?? passwordEnd(in: rest),
    let colon = rest[..<at].firstIndex(of: ":")
  else { return url }
  return url[...colon] + "***" + url[at...]
}

/// For a `?` or `#` within the password: the text after the first `:` is then not a port.
private func passwordEnd(in rest: Substring) -> Substring.Index? {
  guard let colon = rest.firstIndex(of: ":"), let at = rest.lastIndex(of: "@"), colon < at else { return nil }
  let port = rest[rest.index(after: colon)...].prefix { $0 != "/" && $0 != "?" && $0 != "#" }
  return port.allSatisfy(\.isNumber) ? nil : at
}

/// `name=value` pieces, as in a query (`?a=1&b=2`) or in a list of words (`a=1 b='2 3'`).
private func hideSettings(in url: String) -> String {
  var result = ""
  var rest = url[...]
  while let start = rest.firstIndex(where: { "?&;# ".contains($0) }) {
    let next = rest.index(after: start)
    result += rest[..<next]
    rest = rest[next...]
    let name = rest.prefix { !"=?&;# ".contains($0) }
    guard soundsSecret(name), rest[name.endIndex...].first == "=" else { continue }
    let value = rest[rest.index(after: name.endIndex)...]
    result += name + "=***"
    rest = rest[valueEnd(value)...]
  }
  return result + rest
}

private func valueEnd(_ value: Substring) -> Substring.Index {
  guard value.first == "'" else { return value.firstIndex { "&;# ".contains($0) } ?? value.endIndex }
  let inner = value.dropFirst()
  return inner.firstIndex(of: "'").map { inner.index(after: $0) } ?? value.endIndex
}

private func soundsSecret(_ name: Substring) -> Bool {
  let name = name.lowercased()
  return ["pass", "pwd", "secret", "token", "key", "credential", "auth", "signature"].contains { name.contains($0) }
}

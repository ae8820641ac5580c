import BelayDrivers

extension Value {
  /// A short form of the value for a reason, with its type.
  var shown: String {
    switch self {
    case .null: "NULL"
    case .bool(let flag): flag ? "true" : "false"
    case .integer(let number): "\(number)"
    case .real(let number): "\(number)"
    case .text(let text): Self.cut(text.prefix(41).debugDescription, text.utf8.count)
    case .native(let text): "native \(Self.cut(text.prefix(41).debugDescription, text.utf8.count))"
    case .blob(let bytes): Self.cut("bytes \(bytes.prefix(16).map { String($0, radix: 16) })", bytes.count)
    }
  }

  private static func cut(_ shown: String, _ length: Int) -> String {
    length > 40 ? "\(shown)… of \(length) bytes" : shown
  }
}

extension [Value] {
  var shown: String { "(" + map(\.shown).joined(separator: ", ") + ")" }
}

extension [[Value]] {
  var shown: String { isEmpty ? "nothing" : prefix(3).map(\.shown).joined(separator: " ") }
}

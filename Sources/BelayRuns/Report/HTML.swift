import BelayText

/// HTML in which only what stands in belay's own source is markup. What is put into it is text: names, values and messages of
/// others are escaped, and what nobody would see in them is visible (`VisibleText`).
package struct HTML: Sendable, Equatable {
  package let raw: String

  package init(_ text: String) { raw = Self.escaped(text) }

  private init(raw: String) { self.raw = raw }

  package static let empty = HTML(raw: "")

  private static func escaped(_ text: String) -> String {
    let shown = VisibleText.line(text)
    guard shown.utf8.contains(where: isMarkup) else { return shown }
    var escaped = ""
    escaped.reserveCapacity(shown.utf8.count + 16)
    for scalar in shown.unicodeScalars {
      switch scalar {
      case "&": escaped += "&amp;"
      case "<": escaped += "&lt;"
      case ">": escaped += "&gt;"
      case "\"": escaped += "&quot;"
      case "'": escaped += "&#39;"
      default: escaped.unicodeScalars.append(scalar)
      }
    }
    return escaped
  }

  private static func isMarkup(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'"): true
    default: false
    }
  }

  /// Text of several lines, whose line ends stay.
  package static func lines(_ text: String) -> HTML {
    HTML(raw: VisibleText.lines(text).map { escaped($0) }.joined(separator: "\n"))
  }
}

extension HTML: ExpressibleByStringInterpolation {
  package init(stringLiteral literal: String) { raw = literal }

  package init(stringInterpolation: StringInterpolation) { raw = stringInterpolation.raw }

  package struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var raw = ""

    package init(literalCapacity: Int, interpolationCount: Int) { raw.reserveCapacity(literalCapacity) }

    package mutating func appendLiteral(_ literal: String) { raw += literal }
    package mutating func appendInterpolation(_ html: HTML) { raw += html.raw }
    package mutating func appendInterpolation(_ text: String) { raw += HTML(text).raw }
    package mutating func appendInterpolation(_ number: some BinaryInteger) { raw += String(number) }
  }
}

extension Sequence<HTML> {
  package func joined(_ separator: HTML = "\n") -> HTML {
    var whole = HTML.empty.raw
    var isFirst = true
    for part in self {
      if !isFirst { whole += separator.raw }
      whole += part.raw
      isFirst = false
    }
    return HTML(joined: whole)
  }
}

extension HTML {
  fileprivate init(joined raw: String) { self.init(raw: raw) }
}

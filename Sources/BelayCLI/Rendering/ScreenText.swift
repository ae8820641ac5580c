import BelayText

/// Text that is safe on a terminal: control characters in it are made visible (`VisibleText`). Only what stands in belay's own
/// source, its colours and its movements of the cursor, goes in as it is. An `Output` takes nothing else, so that nothing
/// passes by.
package struct ScreenText: Sendable, Equatable {
  /// What is written.
  package let raw: String

  /// Text of anybody, as one line.
  package init(_ text: String) { raw = VisibleText.line(text) }

  private init(raw: String) { self.raw = raw }

  /// A record as JSON.
  static func json(_ json: String) -> ScreenText { ScreenText(raw: VisibleText.json(json)) }

  /// Its lines, none wider than the terminal where that can be.
  /// - Parameter hanging: where further lines begin; nil: two columns after the beginning of the first.
  func wrapped(columns: Int, hanging: Int? = nil) -> [ScreenText] {
    Wrapping.lines(raw, columns: columns, hanging: hanging).map { ScreenText(raw: $0) }
  }

  /// As it is seen: colours take no room.
  var width: Int { Wrapping.width(raw) }

  /// With its line end.
  var line: ScreenText { ScreenText(raw: raw + "\n") }

  static func lines(_ lines: [ScreenText]) -> ScreenText {
    ScreenText(raw: lines.map(\.raw).joined(separator: "\n"))
  }
}

extension ScreenText: ExpressibleByStringInterpolation {
  package init(stringLiteral literal: String) { raw = literal }

  package init(stringInterpolation: StringInterpolation) { raw = stringInterpolation.raw }

  package struct StringInterpolation: StringInterpolationProtocol {
    fileprivate var raw = ""

    package init(literalCapacity: Int, interpolationCount: Int) { raw.reserveCapacity(literalCapacity) }

    package mutating func appendLiteral(_ literal: String) { raw += literal }
    package mutating func appendInterpolation(_ text: ScreenText) { raw += text.raw }
    package mutating func appendInterpolation(_ text: String) { raw += VisibleText.line(text) }
    package mutating func appendInterpolation(_ number: Int) { raw += String(number) }
  }
}

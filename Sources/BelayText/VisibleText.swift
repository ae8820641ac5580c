/// Text of anybody, made fit to be read: what a terminal would obey, and what nobody would see, is shown as an escape.
///
/// Names, values, messages of engines and texts of archives are chosen by others. A control character in one of them can
/// set the title of a terminal, clear it or colour it; one of Unicode's direction marks can turn a line round.
package enum VisibleText {
  /// As one line: line ends are shown too.
  package static func line(_ text: String) -> String {
    if text.utf8.allSatisfy(isPlain) { return text }
    var shown = ""
    shown.reserveCapacity(text.utf8.count + 16)
    for scalar in text.unicodeScalars {
      if isHidden(scalar) { shown += escape(scalar) } else { shown.unicodeScalars.append(scalar) }
    }
    return shown
  }

  /// Its lines, each made visible; at least one.
  package static func lines(_ text: String) -> [String] {
    text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false).map { line in
      line.last == "\r" ? self.line(String(line.dropLast())) : self.line(String(line))
    }
  }

  /// JSON in which the same characters are written as JSON's own escapes. JSON's encoder escapes no more than it must.
  package static func json(_ text: String) -> String {
    if text.utf8.allSatisfy(isPlain) { return text }
    var shown = ""
    shown.reserveCapacity(text.utf8.count + 16)
    for scalar in text.unicodeScalars {
      guard isHidden(scalar) else {
        shown.unicodeScalars.append(scalar)
        continue
      }
      // Beyond ASCII all of it stands within strings, where an escape means the character.
      for unit in String(scalar).utf16 { shown += "\\u" + hex(UInt32(unit), digits: 4) }
    }
    return shown
  }

  private static func isPlain(_ byte: UInt8) -> Bool { byte >= 0x20 && byte < 0x7f }

  /// Whether a character does something other than stand there. Marks that scripts and emoji need stay: joiners and
  /// variation selectors.
  static func isHidden(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x20..<0x7f: return false
    case 0..<0x20, 0x7f..<0xa0, 0x2028, 0x2029: return true
    default: break
    }
    let properties = scalar.properties
    if properties.isBidiControl || properties.isNoncharacterCodePoint { return true }
    return properties.isDefaultIgnorableCodePoint && !properties.isVariationSelector && !properties.isJoinControl
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    switch scalar {
    case "\n": "\\n"
    case "\r": "\\r"
    case "\t": "\\t"
    default:
      scalar.value < 0x80 ? "\\x" + hex(scalar.value, digits: 2) : "\\u{" + String(scalar.value, radix: 16) + "}"
    }
  }

  private static func hex(_ value: UInt32, digits: Int) -> String {
    let text = String(value, radix: 16)
    return String(repeating: "0", count: max(0, digits - text.count)) + text
  }
}

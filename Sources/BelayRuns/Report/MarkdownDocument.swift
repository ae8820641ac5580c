import BelayText

/// Markdown in which only belay's own words are Markdown. Values of others stand in code spans and in fenced blocks that no
/// value can end, and what nobody would see in them is visible (`VisibleText`).
struct MarkdownDocument {
  private var lines: [String] = []

  var text: String { lines.joined(separator: "\n") + "\n" }

  /// - Parameter value: goes behind the words.
  mutating func heading(_ level: Int, _ words: String, _ value: String = "") {
    if !lines.isEmpty { lines.append("") }
    lines += ["\(String(repeating: "#", count: level)) \(words)\(Self.plain(value))", ""]
  }

  /// - Parameter remark: belay's own, behind the value.
  mutating func item(_ label: String, _ value: String, _ remark: String = "") {
    lines.append("- \(label): \(Self.code(value))\(remark)")
  }

  mutating func block(_ values: [String]) {
    let shown = values.map(VisibleText.line)
    let fence = String(repeating: "`", count: max(3, (shown.map(Self.longestRun).max() ?? 0) + 1))
    lines += [fence] + shown + [fence]
  }

  /// - Parameter rows: belay's own words and numbers.
  mutating func table(_ header: [String], _ rows: [[String]]) {
    for row in [header, header.map { _ in "---" }] + rows { lines.append("| \(row.joined(separator: " | ")) |") }
  }

  /// One line that can be copied.
  mutating func command(_ value: String) { lines.append("    \(VisibleText.line(value))") }

  /// A span that ends where the value does: its marks are longer than any in it.
  private static func code(_ value: String) -> String {
    let shown = VisibleText.line(value)
    let mark = String(repeating: "`", count: longestRun(of: shown) + 1)
    let isOpen = shown.isEmpty || shown.hasPrefix("`") || shown.hasSuffix("`")
    return isOpen ? "\(mark) \(shown) \(mark)" : "\(mark)\(shown)\(mark)"
  }

  /// Within a line of belay's words: whatever Markdown could take for its own has a backslash.
  private static func plain(_ value: String) -> String {
    var text = ""
    for scalar in VisibleText.line(value).unicodeScalars {
      let isHarmless =
        !scalar.isASCII || scalar.properties.isAlphabetic || scalar.properties.numericType != nil
        || " -.,()'".unicodeScalars.contains(scalar)
      if !isHarmless { text += "\\" }
      text.unicodeScalars.append(scalar)
    }
    return text
  }

  /// How many backticks follow each other at most.
  private static func longestRun(of text: String) -> Int {
    var (longest, current) = (0, 0)
    for byte in text.utf8 {
      current = byte == UInt8(ascii: "`") ? current + 1 : 0
      longest = max(longest, current)
    }
    return longest
  }
}

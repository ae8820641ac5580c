import BelayBase

/// The pieces that `report.html` is made of.
enum HTMLElements {
  /// More are folded away.
  static let mostShown = 40
  /// More are only counted: a browser must be able to show the file.
  static let mostFolded = 5000

  static func section(_ id: HTML, _ title: String, _ body: HTML) -> HTML {
    "<section aria-labelledby=\"\(id)\">\n<h2 id=\"\(id)\">\(title)</h2>\n\(body)\n</section>"
  }

  static func facts(_ entries: [(label: String, value: String)]) -> HTML {
    let rows = entries.map { "<dt>\($0.label)</dt><dd>\(HTML.lines($0.value))</dd>" as HTML }
    return "<dl>\n\(rows.joined())\n</dl>"
  }

  /// One line each, in a block that no value ends.
  static func block(_ lines: [String]) -> HTML {
    folded(lines.map { HTML($0) }, noun: "line") { "<pre>\($0.joined())</pre>" }
  }

  static func command(_ text: String) -> HTML { "<pre><code>\(text)</code></pre>" }

  /// A list whose items have a mark in front: ok, note, warning, error.
  static func marks(_ items: [(mark: String, text: HTML)], noun: String) -> HTML {
    let items = items.map { "<li><span class=\"mark \(kind(of: $0.mark))\">\($0.mark)</span> \($0.text)</li>" as HTML }
    return folded(items, noun: noun) { "<ul class=\"marks\">\n\($0.joined())\n</ul>" }
  }

  /// Belay's own words alone become classes.
  private static func kind(of mark: String) -> HTML {
    switch mark {
    case "ok": "ok"
    case "warning": "warning"
    case "error", "failed": "error"
    default: "note"
    }
  }

  /// - Parameters:
  ///   - header: of the columns.
  ///   - rows: each a `<tr>`.
  static func table(_ header: [HTML], _ rows: [HTML], noun: String) -> HTML {
    folded(rows, noun: noun) { rows in
      """
      <div class="scroll" tabindex="0"><table>
      <thead><tr>\(header.joined(""))</tr></thead>
      <tbody>
      \(rows.joined())
      </tbody></table></div>
      """
    }
  }

  static func text(_ parts: [TextPart]) -> HTML {
    var pieces: [HTML] = []
    var lines: [String] = []
    func flush() {
      if !lines.isEmpty { pieces.append(block(lines)) }
      lines = []
    }
    for part in parts {
      switch part {
      case .line(let line): lines.append(line)
      case .table(let table):
        flush()
        pieces.append(self.table(table))
      }
    }
    flush()
    return pieces.joined()
  }

  static func table(_ table: TextTable) -> HTML {
    let rows = table.rows.map { row in
      "<tr>\(row.map { "<td>\($0)</td>" as HTML }.joined(""))</tr>" as HTML
    }
    return self.table(table.header.map { "<th scope=\"col\">\($0)</th>" }, rows, noun: "row")
  }

  /// The first ones, and the rest behind a line that opens it.
  static func folded(_ items: [HTML], noun: String, _ wrap: ([HTML]) -> HTML) -> HTML {
    guard items.count > mostShown + 5 else { return wrap(items) }
    let rest = items.dropFirst(mostShown)
    let folded = Array(rest.prefix(mostFolded))
    let cut = rest.count - folded.count
    let end: HTML = cut > 0 ? "<p class=\"hint\">\(Counted.text(cut, noun)) more are not shown</p>" : .empty
    return """
      \(wrap(Array(items.prefix(mostShown))))
      <details><summary>\(Counted.text(rest.count, noun)) more</summary>
      \(wrap(folded))\(end)</details>
      """
  }
}

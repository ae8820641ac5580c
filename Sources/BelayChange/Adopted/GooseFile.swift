import BelayBase

/// A file of goose's, by its two parts. goose reads line by line, also within strings and comments, and so does this.
struct GooseFile {
  private let file: MigrationFile
  private let lines: FileLines
  private var isTransactional = true
  private var up: Int?
  private var down: Int?
  private var begin: (line: Int, isOpen: Bool) = (0, false)
  /// Where the environment's variables are put in.
  private var substitutes: Int?

  private enum Annotation: String, CaseIterable {
    case up, down
    case statementBegin = "statementbegin"
    case statementEnd = "statementend"
    case noTransaction = "no transaction"
    case substitutesOn = "envsub on"
    case substitutesOff = "envsub off"
  }

  init(_ file: MigrationFile) throws(BelayError) {
    self.file = file
    lines = FileLines(file.sql)
    for (index, line) in lines.lines.enumerated() {
      let text = line.trimmed
      if text.hasPrefix("--"), text.contains("+goose") {
        try take(annotation(line, index), index)
      } else if up == nil, !text.isEmpty, !text.hasPrefix("--") {
        throw flaw("has a statement before `-- +goose Up`", index)
      }
    }
    guard up != nil else {
      throw BelayError.toolsFile(
        file.name, .goose, "has no `-- +goose Up`", hint: "put `-- +goose Up` before its statements")
    }
    if begin.isOpen { throw flaw("has a `StatementBegin` without `StatementEnd`", begin.line) }
  }

  var hasDown: Bool { down != nil }

  func part(_ way: LedgerEntry.Way, version: String) throws(BelayError) -> MigrationFile {
    if let substitutes {
      throw BelayError.toolsFile(
        file.name, .goose, "takes values from the environment (`ENVSUB ON` in line \(substitutes + 1))",
        hint: "belay does not do that: write the values into the file, or apply it with `goose up`")
    }
    let (up, down) = (up ?? 0, down ?? lines.lines.count)
    let part = try file.part(
      lines.text { way == .up ? $0 > up && $0 < down : $0 > down }, LedgerEntry(way, version: version),
      name: way == .up ? nil : "\(file.name) (down)")
    return isTransactional ? part : part.withoutTransaction()
  }

  private func annotation(_ line: String, _ index: Int) throws(BelayError) -> Annotation {
    guard let first = line.first, !first.isWhitespace else { throw flaw("has spaces before its annotation", index) }
    let words = line.replacing("--", with: "").replacing("+goose", with: "", maxReplacements: 1).trimmed
    guard let annotation = Annotation(rawValue: words.lowercased()) else {
      throw flaw("has the annotation `\(line.trimmed)`, which goose does not know", index)
    }
    return annotation
  }

  private mutating func take(_ annotation: Annotation, _ index: Int) throws(BelayError) {
    switch annotation {
    case .up:
      guard up == nil else { throw flaw("has a second `-- +goose Up`", index) }
      up = index
    case .down:
      guard up != nil, down == nil, !begin.isOpen else {
        throw flaw("has a `-- +goose Down` where goose does not expect it", index)
      }
      down = index
    case .statementBegin:
      guard up != nil, !begin.isOpen else { throw flaw("has a `StatementBegin` where goose does not expect it", index) }
      begin = (index, true)
    case .statementEnd:
      guard begin.isOpen else { throw flaw("has a `StatementEnd` without `StatementBegin`", index) }
      begin.isOpen = false
    case .noTransaction: isTransactional = false
    case .substitutesOn: substitutes = substitutes ?? index
    case .substitutesOff: break
    }
  }

  private func flaw(_ what: String, _ index: Int) -> BelayError {
    .toolsFile(
      file.name, .goose, "\(what), in line \(index + 1)", hint: "goose refuses such a file too: correct it")
  }
}

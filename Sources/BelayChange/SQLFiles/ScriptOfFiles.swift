import BelayDrivers

/// Several files as one text, and the file to which a statement belongs.
struct ScriptOfFiles {
  let text: String
  private let starts: [Int]
  private let lines: [Int]
  private let files: [MigrationFile]

  /// - Parameter seam: statements between two files, which are in no file; may be empty.
  init(_ files: [MigrationFile], seam: String = "") {
    var text = ""
    var starts: [Int] = []
    var lines: [Int] = []
    var line = 0
    for file in files {
      starts.append(text.utf8.count)
      lines.append(line)
      // The seam ends a last statement that has no semicolon, and a last comment that has no line end.
      let piece = file.sql + "\n;\n" + (seam.isEmpty ? "" : seam + "\n;\n")
      text += piece
      line += piece.utf8.count { $0 == UInt8(ascii: "\n") }
    }
    self.text = text
    self.starts = starts
    self.lines = lines
    self.files = files
  }

  func statements(of index: Int, in all: [Statement]) -> [Statement] {
    let start = starts[index]
    let end = start + files[index].sql.utf8.count
    return all.filter { $0.offset >= start && $0.offset < end }.map { statement in
      var own = statement
      own.offset -= start
      own.line -= lines[index]
      // A quote or comment that the file does not close swallows the next file: only this one is to blame.
      if own.offset + own.length > files[index].sql.utf8.count + 2 {
        own.flags = [.unread]
        own.note = "a quote or a comment is not closed"
        own.writes = []
      }
      return own
    }
  }
}

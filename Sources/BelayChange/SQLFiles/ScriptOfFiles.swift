import BelayDrivers

/// Several files as one text, and the file to which a statement belongs.
struct ScriptOfFiles {
  let text: String
  private let starts: [Int]
  private let lines: [Int]
  /// Behind each file.
  private let seams: [Range<Int>]
  private let files: [MigrationFile]

  /// - Parameter seam: statements between two files, which are in no file; may be empty.
  init(_ files: [MigrationFile], seam: String = "") {
    // Whatever it is: a file that swallows it has not ended where it ends.
    let seam = seam.isEmpty ? "SELECT 1" : seam
    var text = ""
    var starts: [Int] = []
    var lines: [Int] = []
    var seams: [Range<Int>] = []
    var line = 0
    for file in files {
      starts.append(text.utf8.count)
      lines.append(line)
      // The seam ends a last statement that has no semicolon, and a last comment that has no line end.
      let piece = file.sql + "\n;\n" + seam + "\n;\n"
      seams.append(text.utf8.count + file.sql.utf8.count..<text.utf8.count + piece.utf8.count)
      text += piece
      line += piece.utf8.count { $0 == UInt8(ascii: "\n") }
    }
    self.text = text
    self.starts = starts
    self.lines = lines
    self.seams = seams
    self.files = files
  }

  func statements(of index: Int, in all: [Statement]) -> [Statement] {
    let start = starts[index]
    let end = start + files[index].sql.utf8.count
    return all.filter { $0.offset >= start && $0.offset < end }.map { statement in
      var own = statement
      own.offset -= start
      own.line -= lines[index]
      return own
    }
  }

  /// The first file that does not close a quote or a comment, which then swallows what follows; nil: none.
  func firstUnclosed(in all: [Statement]) -> Int? {
    var rest = all[...]
    return seams.firstIndex { seam in
      rest = rest.drop { $0.offset < seam.lowerBound }
      guard let first = rest.first else { return true }
      return first.offset + first.length > seam.upperBound
    }
  }

  /// Where a file's last statement ends at the latest: what ends it was added.
  func end(of index: Int) -> Int { files[index].sql.utf8.count + 2 }
}

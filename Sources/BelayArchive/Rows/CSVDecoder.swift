import CBelayDriver

/// Reads rows back that `CSVEncoder` wrote, with their types. Used by one thread at a time.
///
/// Legal order: `decode` any number of times with whatever pieces the text comes in, then `finish`. Text and natives look
/// alike in CSV; both come back as the type that `text` was set to.
package struct CSVDecoder {
  /// The names of the header line, once it has been read; nil before.
  package private(set) var columns: [String]?

  /// No engine that belay knows stores a larger row.
  package static let largestRow = 4 << 30

  private let source: String
  private let textType: UInt32
  private let mostBytes: Int
  /// Of the fields of the current line that are complete.
  private var lineBytes = 0
  private var fields = CSVFields()
  private var rows = CSVRows()

  /// - Parameters:
  ///   - source: a name for errors, e.g. the member's.
  ///   - text: the belay_cell type of values in quotes: BELAY_TEXT, or BELAY_NATIVE for an engine whose driver gives
  ///     nothing but natives.
  ///   - mostBytes: of one row: a row is in memory as a whole, and a few bytes of an archive can unpack to any size.
  package init(source: String, text: UInt32 = UInt32(BELAY_TEXT), mostBytes: Int = CSVDecoder.largestRow) {
    self.source = source
    textType = text
    self.mostBytes = mostBytes
  }

  /// Reads on. `body` gets the rows as soon as there are about 1 MiB of them; its batch is valid during the call.
  ///
  /// - Throws: `ArchiveError` of kind `malformed`, with the line, or the error of `body`.
  package mutating func decode(_ bytes: UnsafeRawBufferPointer, _ body: (belay_batch) throws -> Void) throws {
    var position = 0
    while position < bytes.count {
      let event = fields.read(bytes, &position)
      guard lineBytes + fields.content.count <= mostBytes else {
        throw ArchiveError(
          .malformed, path: source, "\(source), line \(fields.line): the row has more than \(mostBytes >> 20) MiB")
      }
      switch event {
      case .more: break
      case .field: try takeField()
      case .endOfLine:
        try takeField()
        try endLine()
        if rows.isFull { try rows.drain(body) }
      case .malformed(let how): throw malformed(how)
      }
    }
  }

  /// Hands out the rest. The text must have ended with a line end.
  package mutating func finish(_ body: (belay_batch) throws -> Void) throws {
    if fields.isInQuotes { throw malformed("the quote that opens here is never closed", line: fields.quoteLine) }
    guard fields.isAtLineStart else { throw malformed("it ends in the middle of a line") }
    guard columns != nil else { throw malformed("there is no header line") }
    try rows.drain(body)
  }

  // MARK: Fields and lines

  private var header: [String] = []
  private var hasQuotedHeader = false

  private mutating func takeField() throws(ArchiveError) {
    lineBytes += fields.content.count
    if columns == nil {
      header.append(String(decoding: fields.content, as: UTF8.self))
      hasQuotedHeader = hasQuotedHeader || fields.isQuoted
    } else if fields.isQuoted {
      rows.append(type: textType, bytes: fields.content)
    } else if let value = BareValue(fields.content) {
      rows.append(value)
    } else {
      let shown = MemberName.printable(String(decoding: fields.content.prefix(40), as: UTF8.self))
      throw malformed("\(shown) is not a valid value")
    }
    fields.clear()
  }

  private mutating func endLine() throws(ArchiveError) {
    lineBytes = 0
    if let columns {
      guard rows.endRow(columns: columns.count) else {
        throw malformed("the header has \(columns.count) fields, but this line has a different number")
      }
    } else {
      // A column whose name is empty has quotes.
      columns = header == [""] && !hasQuotedHeader ? [] : header
    }
    fields.line += 1
  }

  private func malformed(_ how: String, line: Int? = nil) -> ArchiveError {
    ArchiveError(.malformed, path: source, "\(source), line \(line ?? fields.line): \(how)")
  }
}

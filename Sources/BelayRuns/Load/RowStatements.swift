import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import SystemPackage

/// The rows in an archive's SQL text, where belay has written it: without a native dump the text is made of the catalog's
/// statements and of INSERTs, so that both are found again without reading SQL.
///
/// Goes through the text once, from its beginning to its end.
struct RowStatements {
  private let source: MemberSource
  private let name: String
  private let quote: String
  private var buffer: [UInt8] = []
  private var position = 0
  private var isAtEnd = false

  /// nil: there is no such text.
  init?(_ reader: ArchiveReader, quote: String) throws(ArchiveError) {
    guard let member = reader.manifest.textOfRows else { return nil }
    source = try reader.source(member.name)
    name = "\(reader.manifest.id): \(member.name)"
    self.quote = quote
  }

  /// Goes behind the statements that make an object; what stands before the first one is passed over.
  mutating func pass(_ object: SchemaObject) throws(ArchiveError) {
    guard !object.ddl.isEmpty else { return }
    let line = Array(SQLLine.text(object.ddl).utf8)
    while true {
      try fill(line.count)
      if buffer[position...].starts(with: line) {
        position += line.count
        return
      }
      guard let end = buffer[position...].firstIndex(of: UInt8(ascii: "\n")), !isAtEnd || end < buffer.count - 1 else {
        if isAtEnd { throw unreadable("the statement of \(object.kind) \(object.label) is not in it") }
        try fill(buffer.count - position + 1)
        continue
      }
      position = end + 1
    }
  }

  /// The statements of one table, which come right behind those that make it.
  mutating func each(
    of table: CatalogTable, _ body: (String) throws -> Void
  ) throws {
    let lead = Array(SQLEncoder.lead(table.tableName, columns: table.storedColumns.map(\.name), quote: quote).utf8)
    while true {
      try fill(lead.count)
      guard buffer[position...].starts(with: lead) else { return }
      let end = try endOfStatement(from: lead.count)
      guard let statement = String(validating: buffer[position..<(position + end)], as: UTF8.self) else {
        throw unreadable("a row of table \(table.tableName) is not UTF-8")
      }
      position += end
      try body(statement)
    }
  }

  /// Reads to the end, which is the proof that all was as it was written.
  mutating func finish() throws(ArchiveError) {
    while !isAtEnd {
      position = buffer.count
      try fill(1)
    }
  }

  /// Behind `;` and the line end.
  private mutating func endOfStatement(from start: Int) throws(ArchiveError) -> Int {
    var index = start
    var isQuoted = false
    while true {
      if position + index + 1 >= buffer.count {
        guard !isAtEnd else { throw unreadable("its last statement does not end") }
        try fill(index + 2)
        if position + index + 1 >= buffer.count { continue }
      }
      let byte = buffer[position + index]
      // A quote within a string is doubled, and so ends it and begins it again.
      if byte == UInt8(ascii: "'") { isQuoted.toggle() }
      if byte == UInt8(ascii: ";"), !isQuoted, buffer[position + index + 1] == UInt8(ascii: "\n") { return index + 2 }
      index += 1
    }
  }

  private mutating func fill(_ count: Int) throws(ArchiveError) {
    guard !isAtEnd, buffer.count - position < count else { return }
    buffer.removeFirst(position)
    position = 0
    while buffer.count < count, !isAtEnd {
      let start = buffer.count
      var got = 0
      let chunk = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 10, alignment: 16)
      defer { chunk.deallocate() }
      got = try source.read(into: chunk)
      buffer.append(contentsOf: UnsafeRawBufferPointer(rebasing: chunk[..<got]))
      if buffer.count == start { isAtEnd = true }
    }
  }

  private func unreadable(_ why: String) -> ArchiveError {
    ArchiveError(.malformed, path: source.record.name, member: source.record.name, "\(name) cannot be read: \(why)")
  }
}

extension Manifest {
  /// The SQL text from which belay can load the rows; nil: there is none, or the engine has made it of its own dump.
  package var textOfRows: MemberRecord? { member(.native) == nil ? member(.sql) : nil }
}

/// One piece of the SQL text of a whole backup.
enum SQLLine {
  static func text(_ sql: String) -> String {
    let isEnded = sql.last(where: { !$0.isWhitespace }) == ";"
    return sql + (isEnded ? "\n" : ";\n")
  }
}

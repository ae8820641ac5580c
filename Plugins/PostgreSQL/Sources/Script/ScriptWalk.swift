import BelayDriverKit

/// Goes through a script statement by statement. Each is analyzed against the schema that those before it leave.
struct ScriptWalk {
  /// The tree of a longer statement would need too much memory: of an INSERT only the beginning is analyzed.
  private static let longest = 2 << 20

  private let script: UnsafeRawBufferPointer
  private var pieces: ScriptReader
  private var reading: StatementReading
  /// The statement that came last, where the parser did not take it.
  private(set) var unparsed: UnparsedStatement?
  /// Its text, or that of one in which something is not closed: the server may know it all the same, or not.
  private(set) var doubtful: String?

  init(_ script: UnsafeRawBufferPointer, _ model: SchemaModel) {
    self.script = script
    reading = StatementReading(model)
    pieces = ScriptReader(script)
  }

  /// - Parameter look: gets each statement that parses, its line, and the schema before it runs.
  mutating func next(
    _ look: (_ tree: SyntaxNode, _ line: Int, _ before: SchemaModel) -> Void = { _, _, _ in }
  ) -> ScriptStatement? {
    (unparsed, doubtful) = (nil, nil)
    guard let piece = pieces.next() else { return nil }
    var statement = ScriptStatement(offset: piece.start, length: piece.end - piece.start, line: piece.line)
    switch piece.kind {
    case .client:
      statement.flags = .client
      statement.note = "a command of psql, not SQL"
    case .copyFromClient:
      read(piece, &statement, look)
      statement.flags.formUnion([.client, .unread])
      statement.note =
        "COPY … FROM stdin takes its rows from the client: write INSERT, or load them by `belay restore`"
    case .statement:
      read(piece, &statement, look)
    }
    return statement
  }

  private mutating func read(
    _ piece: ScriptReader.Piece, _ statement: inout ScriptStatement,
    _ look: (SyntaxNode, Int, SchemaModel) -> Void
  ) {
    let bytes = script[piece.start..<piece.statementEnd]
    if let opening = piece.unterminated {
      if bytes.count <= Self.longest { doubtful = String(validating: bytes, as: UTF8.self) }
      return unread(&statement, unterminated(at: opening, in: piece))
    }
    guard !bytes.contains(0), var sql = String(validating: bytes, as: UTF8.self) else {
      return unread(&statement, "it is not UTF-8, or contains a NUL byte")
    }
    let isLong = bytes.count > Self.longest
    if isLong {
      guard let values = piece.values else { return unread(&statement, "it is too long for belay to analyze") }
      sql = String(decoding: script[piece.start..<values], as: UTF8.self) + "VALUES (NULL)"
    }
    let tree: SyntaxNode
    do throws(SyntaxParser.Failure) {
      let trees = try SyntaxParser.parse(sql)
      guard let first = trees.first, trees.count == 1 else {
        return unread(&statement, "PostgreSQL ends the statement earlier than belay does")
      }
      tree = first
    } catch {
      let newer = UnparsedStatement(sql)
      reading.begin()
      reading.read(newer)
      reading.model.hasUnknown = true
      statement.writes = reading.writes
      unparsed = newer
      if !isLong { doubtful = sql }
      return unread(&statement, "PostgreSQL \(SyntaxParser.grammar)'s parser reports: \(error.message)")
    }
    look(tree, piece.line, reading.model)
    reading.begin()
    reading.read(tree)
    if !isLong { reading.tellColumns(tree) }
    if reading.flags.contains(.unread) { reading.model.hasUnknown = true }
    statement.flags = reading.flags
    statement.writes = reading.writes
    statement.note = reading.notes.joined(separator: "; ")
    if isLong { unread(&statement, "it is long, so only its beginning was analyzed") }
  }

  /// A long statement does not show where it is.
  private func unterminated(at opening: Int, in piece: ScriptReader.Piece) -> String {
    let line = 1 + script[piece.start..<opening].count { $0 == UInt8(ascii: "\n") }
    let head = String(decoding: script[opening..<piece.statementEnd].prefix(100), as: UTF8.self)
      .prefix { !$0.isNewline }
    let text = head.count > 30 ? head.prefix(29) + "…" : head
    return "what begins with `\(text)`" + (line > 1 ? " in line \(line) of the statement" : "") + " is not closed"
  }

  private func unread(_ statement: inout ScriptStatement, _ note: String) {
    statement.flags.insert(.unread)
    statement.note = note
  }
}

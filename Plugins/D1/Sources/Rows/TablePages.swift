import BelayDriverKit
import SQLiteDialect

/// Reads all rows of one table in pages, each of which begins where the last one ended.
struct TablePages {
  /// With replies of about this size, reading is fast and needs few calls.
  private static let targetBytes = 1_200_000
  private static let rowsAtMost = 20_000

  let connection: D1Connection
  let table: String
  let columns: [String]
  private let key: Key

  /// How the rows are ordered.
  private enum Key {
    /// By the name of the rowid.
    case rowid(String)
    /// By the columns of the primary key, given by their index in `columns`.
    case columns([Int])
    /// There is no usable key: all rows are one page.
    case none
  }

  /// nil if the table's key is not among the columns: then the query is an ordinary one.
  init?(_ connection: D1Connection, table: String, columns: [String], _ schema: Schema.Table) {
    self.connection = connection
    self.table = table
    self.columns = columns
    if schema.isWithoutRowid {
      let keys = schema.columns.filter { $0.keyPlace > 0 }.sorted { $0.keyPlace < $1.keyPlace }
      let places = keys.map { key in columns.firstIndex { $0.lowercased() == key.name.lowercased() } }
      guard !places.isEmpty, places.allSatisfy({ $0 != nil }) else { return nil }
      key = .columns(places.compactMap { $0 })
    } else if let name = schema.rowidName {
      key = .rowid(name)
    } else {
      key = .none
    }
  }

  /// - Parameter row: one value per column.
  func read(_ row: ([D1Value]) throws(DriverFailure) -> Void) throws(DriverFailure) {
    var (limit, position): (Int, [D1Value]?) = (32, nil)
    while true {
      try connection.watch.check()
      let page: Page
      do throws(CallFailure) {
        page = try self.page(after: position, limit: limit)
      } catch {
        // The reply may have been too large. If that was not the reason, the smaller page fails too.
        let mayBeSize = error.isTransient || error.failure.code == .timeout
        guard mayBeSize, limit > 1, error.failure.code != .busy, !connection.watch.wantsStop else {
          throw error.failure
        }
        limit = max(limit / 16, 1)
        continue
      }
      for values in page.rows { try row(values) }
      if page.rows.count < limit { return }
      guard case .none = key else {
        position = page.last
        let perRow = max(page.bytes / max(page.rows.count, 1), 1)
        limit = min(max(Self.targetBytes / perRow, 1), limit * 16, Self.rowsAtMost)
        continue
      }
      return
    }
  }

  private struct Page {
    var rows: [[D1Value]] = []
    /// The position of the last row.
    var last: [D1Value] = []
    var bytes = 0
  }

  private func page(after position: [D1Value]?, limit: Int) throws(CallFailure) -> Page {
    let page = try page(after: position, limit: limit, textAsBytes: false)
    let isDoubtful = page.rows.contains { row in
      row.contains { if case .text(let text) = $0 { RowEncoding.isDoubtful(text) } else { false } }
    }
    return isDoubtful ? try self.page(after: position, limit: limit, textAsBytes: true) : page
  }

  private func page(after position: [D1Value]?, limit: Int, textAsBytes: Bool) throws(CallFailure) -> Page {
    let statements = groups.map { statement(of: $0, after: position, limit: limit, textAsBytes: textAsBytes) }
    let answers = try connection.raw(statements, .repeatable)
    var page = Page()
    guard let count = answers.first?.count, answers.allSatisfy({ $0.count == count }) else { throw Self.uneven }
    for number in 0..<count {
      do throws(DriverFailure) {
        try decode(answers.map { $0[number] }, into: &page)
      } catch {
        throw CallFailure(error, .answered)
      }
    }
    return page
  }

  private static var uneven: CallFailure {
    CallFailure(DriverFailure(.io, "D1's reply does not have the requested number of rows"), .answered)
  }

  private var groups: [Range<Int>] {
    stride(from: 0, to: max(columns.count, 1), by: RowEncoding.columnsPerStatement).map {
      $0..<min($0 + RowEncoding.columnsPerStatement, columns.count)
    }
  }

  private func statement(
    of group: Range<Int>, after position: [D1Value]?, limit: Int, textAsBytes: Bool
  ) -> String {
    let inner = group.map { "\(SQLQuote.name(columns[$0])) AS c\($0)" }
    let letters = group.map { RowEncoding.letter("c\($0)", textAsBytes: textAsBytes) }
    let values = group.map { RowEncoding.value("c\($0)", textAsBytes: textAsBytes) }
    let source = "FROM \(SQLQuote.name(table))"
    switch key {
    case .rowid(let name):
      let head = (["CAST(k AS TEXT)||':'"] + letters).joined(separator: "||")
      var condition = ""
      if case .integer(let rowid)? = position?.first { condition = " WHERE \(name)>\(Literal.integer(rowid))" }
      return "SELECT \(([head] + values).joined(separator: ",")) FROM (SELECT "
        + (["\(name) AS k"] + inner).joined(separator: ",")
        + " \(source)\(condition) ORDER BY \(name) LIMIT \(limit)) ORDER BY k"
    case .columns(let places):
      let head = (["':'"] + letters).joined(separator: "||")
      let keys = places.map { SQLQuote.name(columns[$0]) }.joined(separator: ",")
      let condition = position.map { " WHERE (\(keys))>(\($0.map(\.literal).joined(separator: ",")))" } ?? ""
      return "SELECT \(([head] + values).joined(separator: ",")) FROM (SELECT "
        + inner.joined(separator: ",") + " \(source)\(condition) ORDER BY \(keys) LIMIT \(limit))"
    case .none:
      let head = (["':'"] + letters).joined(separator: "||")
      return
        "SELECT \(([head] + values).joined(separator: ",")) FROM (SELECT \(inner.joined(separator: ",")) \(source))"
    }
  }

  /// One row, from the rows of all groups of its columns.
  private func decode(_ parts: [[JSONCell]], into page: inout Page) throws(DriverFailure) {
    var row: [D1Value] = []
    var parted: [(place: Int, isText: Bool)] = []
    var position: [D1Value] = []
    for (group, cells) in zip(groups, parts) {
      guard let head = cells.first?.text, let colon = head.utf8.firstIndex(of: UInt8(ascii: ":")),
        cells.count == group.count + 1
      else { throw DriverFailure(.io, "D1's reply does not have the expected form") }
      let letters = Array(head.utf8[head.utf8.index(after: colon)...])
      guard letters.count == group.count else {
        throw DriverFailure(.io, "D1's reply does not have the requested number of values")
      }
      if case .rowid = key {
        guard let rowid = Int64(head[..<colon]) else { throw DriverFailure(.io, "D1's reply contains no rowid") }
        position = [.integer(rowid)]
      }
      for (index, letter) in letters.enumerated() {
        if case .text(let text) = cells[index + 1] { page.bytes += text.utf8.count }
        page.bytes += 8
        if let value = try RowEncoding.decode(letter, cells[index + 1]) {
          row.append(value)
        } else {
          parted.append((row.count, letter == UInt8(ascii: "Z")))
          row.append(.null)
        }
      }
    }
    if case .columns(let places) = key { position = places.map { row[$0] } }
    for part in parted {
      let bytes = try bytes(of: columns[part.place], at: position)
      row[part.place] = part.isText ? .rawText(bytes) : .blob(bytes)
      page.bytes += bytes.count * 2
    }
    page.rows.append(row)
    page.last = position
  }

  /// Reads a value that is too long to be sent as hex in one piece.
  private func bytes(of column: String, at position: [D1Value]) throws(DriverFailure) -> [UInt8] {
    let condition: String
    switch key {
    case .rowid(let name): condition = "\(name)=\(position[0].literal)"
    case .columns(let places):
      condition = zip(places, position).map { "\(SQLQuote.name(columns[$0]))=\($1.literal)" }.joined(separator: " AND ")
    case .none:
      throw DriverFailure(
        .unsupported,
        "\(table) has a value of more than \(RowEncoding.wholeAtMost) bytes, but no key with which it could be read")
    }
    let step = RowEncoding.wholeAtMost
    let statements = stride(from: 1, to: 2_100_000, by: step).map {
      "SELECT hex(substr(CAST(\(SQLQuote.name(column)) AS BLOB),\($0),\(step))) FROM \(SQLQuote.name(table)) WHERE \(condition)"
    }
    let answers: [[[JSONCell]]]
    do throws(CallFailure) {
      answers = try connection.raw(statements, .repeatable)
    } catch {
      throw error.failure
    }
    var bytes: [UInt8] = []
    for rows in answers {
      guard rows.count == 1, let part = rows[0].first?.text.flatMap(Hex.bytes) else {
        throw DriverFailure(.busy, "a row of \(table) changed while it was read", hint: "try again")
      }
      bytes += part
    }
    guard bytes.count > RowEncoding.wholeAtMost else {
      throw DriverFailure(.busy, "a row of \(table) changed while it was read", hint: "try again")
    }
    return bytes
  }
}

extension D1Value {
  /// As SQL, of any length.
  var literal: String {
    switch self {
    case .null: "NULL"
    case .integer(let value): Literal.integer(value)
    case .real(let value): Literal.real(value)
    case .text(let text):
      text.utf8.contains(0) ? "CAST(\(Literal.blob(Array(text.utf8))) AS TEXT)" : SQLQuote.literal(text)
    case .rawText(let bytes): "CAST(\(Literal.blob(bytes)) AS TEXT)"
    case .blob(let bytes): Literal.blob(bytes)
    }
  }
}

extension Schema.Table {
  /// A name of the rowid that no column hides; nil if there is none.
  var rowidName: String? {
    if isWithoutRowid { return nil }
    let declared = Set(columns.map { $0.name.lowercased() })
    if let free = SQLiteRowid.names.first(where: { !declared.contains($0) }) { return free }
    let keys = columns.filter { $0.keyPlace > 0 }
    return keys.count == 1 && !hasKeyIndex ? SQLQuote.name(keys[0].name) : nil
  }
}

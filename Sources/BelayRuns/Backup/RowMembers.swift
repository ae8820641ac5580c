import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import CBelayDriver

/// The members made of rows, all from one pass: SQL text in the catalog's order, one CSV and one JSON per table, and
/// the digests.
package struct RowMembers {
  private let context: RunContext
  private let writer: ArchiveWriter
  private let catalog: Catalog
  private let formats: Set<BackupFormat>
  private let isPart: Bool

  /// - Parameter rendersSQL: false where the driver makes the SQL text of its dump.
  init(
    context: RunContext, writer: ArchiveWriter, catalog: Catalog, formats: [BackupFormat], isPart: Bool,
    rendersSQL: Bool
  ) {
    self.context = context
    self.writer = writer
    self.catalog = catalog
    self.isPart = isPart
    self.formats = Set(formats).subtracting(rendersSQL ? [] : [.sql])
  }

  /// What was written, and what a reader of it should know.
  package typealias Written = (records: [TableRecord], notes: [String])

  package func write(from source: Connection) throws(BelayError) -> Written {
    var written: Written = ([], [])
    let tables = Dictionary(catalog.tables.map { ($0.tableName, $0) }, uniquingKeysWith: { first, _ in first })
    let expected = Counted.sum(catalog.objects.compactMap(\.rowEstimate))
    var meter = RowMeter(context: context, expected: expected)
    do {
      let sql = formats.contains(.sql) ? try writer.member(MemberName.sql, kind: .sql) : nil
      try sql?.write(line: source.traits.loadBegin)
      for object in catalog.objects {
        let text = isLeftToEngine(object) ? nil : sql
        try text?.write(line: object.ddl)
        guard object.kind == "table", let table = tables[TableName(schema: object.schema, name: object.name)],
          table.hasRows
        else { continue }
        let (record, overlong) = try write(table, from: source, sql: text, meter: &meter)
        written.records.append(record)
        guard overlong > 0 else { continue }
        written.notes.append(
          "The SQL text has \(Counted.rows(overlong)) of \(table.tableName) that \(source.traits.serverName) cannot execute: each is longer than the \(source.traits.maxSQLBytes) bytes that it allows for a statement."
        )
      }
      try sql?.write(line: source.traits.loadEnd)
      try sql?.finish()
      meter.finish()
    } catch {
      throw BelayError(any: error, doing: "cannot back up the rows", kind: .backupFailed)
    }
    for note in written.notes { context.log(.notice, note) }
    return written
  }

  /// A table that the engine makes by itself, and fills as rows come in: in a database with a part of the tables it may not
  /// be there. Whoever loads the CSV can tell.
  private func isLeftToEngine(_ object: SchemaObject) -> Bool {
    isPart && object.kind == "table" && object.flags.contains(.internal) && formats.contains(.csv)
  }

  private func write(_ table: CatalogTable, from source: Connection, sql: MemberWriter?, meter: inout RowMeter) throws
    -> (TableRecord, overlong: Int)
  {
    let name = table.tableName
    let columns = table.storedColumns.map(\.name)
    var outputs: [RowOutput] = []
    var counters = CounterCollector(table)
    if formats.contains(.csv) {
      outputs.append(
        RowOutput(CSVEncoder(), into: try writer.member(MemberName.csv(name), kind: .csv, table: name)))
    }
    if formats.contains(.json) {
      outputs.append(
        RowOutput(RowJSONEncoder(), into: try writer.member(MemberName.json(name), kind: .json, table: name)))
    }
    // An engine's list of counters is no table that INSERT can write to. The manifest has them.
    if let sql, counters == nil {
      let encoder = SQLEncoder(
        table: name, quote: source.traits.identifierQuote, maxStatementBytes: source.traits.maxSQLBytes,
        maxRows: source.traits.maxRowsPerExecute, hexText: source.traits.hexText)
      outputs.append(RowOutput(encoder, into: sql, endsMember: false))
    }
    var digest = TableDigest()
    do {
      for index in outputs.indices { try outputs[index].begin(columns) }
      try source.read(
        table, operation: context.stoppable(),
        rows: { batch in
          digest.add(batch)
          counters?.add(batch)
          for index in outputs.indices { try outputs[index].add(batch) }
          meter.add(batch.nrows, table: name)
        })
      for index in outputs.indices { try outputs[index].finish() }
    } catch {
      throw BelayError(any: error, doing: "cannot back up table \(name)", kind: .backupFailed)
    }
    let record = TableRecord(
      schema: name.schema, name: name.name, columns: columns, rows: digest.rows, digest: digest.hex,
      flags: table.flags.words, counters: counters?.counters)
    return (record, outputs.reduce(0) { $0 + $1.overlongRows })
  }
}

/// An encoder and the member that its text goes to.
private struct RowOutput {
  private var encoder: any RowEncoder
  private let member: MemberWriter
  private let endsMember: Bool
  var overlongRows: Int { encoder.overlongRows }

  /// - Parameter endsMember: false where other tables' rows follow in the same member.
  init(_ encoder: any RowEncoder, into member: MemberWriter, endsMember: Bool = true) {
    self.encoder = encoder
    self.member = member
    self.endsMember = endsMember
  }

  mutating func begin(_ columns: [String]) throws {
    encoder.begin(columns: columns)
    try drain()
  }

  mutating func add(_ batch: belay_batch) throws {
    encoder.add(batch)
    try drain()
  }

  mutating func finish() throws {
    encoder.finish()
    try drain()
    if endsMember { try member.finish() }
  }

  private mutating func drain() throws {
    let member = member
    try encoder.drain { try member.write($0) }
  }
}

/// Tells how many rows have gone by, not too often.
private struct RowMeter {
  let context: RunContext
  let expected: Int
  private var rows: UInt64 = 0
  private var lastTold: UInt64 = 0
  private var table: TableName?

  init(context: RunContext, expected: Int) {
    self.context = context
    self.expected = expected
  }

  mutating func add(_ count: UInt64, table: TableName) {
    rows += count
    guard rows - lastTold >= 20_000 || table != self.table else { return }
    lastTold = rows
    self.table = table
    tell(total: UInt64(max(0, expected)))
  }

  func finish() { tell(total: rows, ended: true) }

  private func tell(total: UInt64, ended: Bool? = nil) {
    let total = total == 0 ? 0 : max(rows, total)
    context.narrator.tell(
      .progress(ProgressUpdate(what: "rows", done: rows, total: total, unit: .rows, ended: ended)))
  }
}

extension MemberWriter {
  /// One piece of SQL text with a line end; nothing for an empty one.
  fileprivate func write(line: String) throws(ArchiveError) {
    guard !line.isEmpty else { return }
    let outcome = Array(SQLLine.text(line).utf8).withUnsafeBytes { bytes in
      Result { () throws(ArchiveError) in try write(bytes) }
    }
    try outcome.get()
  }
}

extension ObjectFlags {
  /// What a manifest says of a table.
  fileprivate var words: [String] {
    var words: [String] = []
    if contains(.internal) { words.append("internal") }
    if contains(.shadow) { words.append("shadow") }
    return words
  }
}

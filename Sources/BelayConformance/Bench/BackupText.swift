import BelayArchive
import BelayDrivers
import BelayRows

extension Connection {
  /// The SQL text of a backup, as belay writes it where the driver does not render its own dump: without the values of
  /// counters, which `loadCounters` sets.
  func backupText(_ bench: Bench) throws -> [UInt8] {
    let catalog = try catalog(operation: bench.operation)
    let tables = Dictionary(uniqueKeysWithValues: catalog.tables.map { ($0.object.identity, $0) })
    var text: [UInt8] = []
    func add(_ sql: String) {
      guard !sql.isEmpty else { return }
      text += Array((sql + (sql.last { !$0.isWhitespace } == ";" ? "\n" : ";\n")).utf8)
    }
    add(traits.loadBegin)
    for object in catalog.objects {
      add(object.ddl)
      guard let table = tables[object.identity], table.hasRows, !table.storedColumns.isEmpty, !table.holdsCounters
      else { continue }
      var encoder = SQLEncoder(
        table: TableName(schema: table.schema, name: table.name), quote: traits.identifierQuote,
        maxStatementBytes: traits.maxSQLBytes, maxRows: traits.maxRowsPerExecute, hexText: traits.hexText)
      encoder.begin(columns: table.storedColumns.map(\.name))
      try read(table, operation: bench.operation, rows: { encoder.add($0) })
      encoder.finish()
      encoder.drain { text += $0 }
    }
    add(traits.loadEnd)
    return text
  }

  /// Gives the counters of this database, which was made of a SQL text, their values. belay has them in the manifest, and
  /// loads them like any rows: by belay.rows/1, or by an INSERT with parameters.
  func loadCounters(of source: Connection, _ bench: Bench) throws {
    for table in try source.catalog(operation: bench.operation).tables where table.hasRows && table.holdsCounters {
      let kinds: ObjectFlags = [.primaryKey, .counter, .counterStep]
      if let odd = table.storedColumns.first(where: { $0.flags.isDisjoint(with: kinds) }) {
        throw Broken(
          "column \(odd.name) of \(table.name) is no key, no COUNTER and no COUNTER_STEP: no archive holds it")
      }
      var rows: [[Value]] = []
      try source.read(table, operation: bench.operation, rows: { rows += $0.values })
      try load(rows, into: table, operation: bench.operation)
    }
  }

  /// The SQL text of a backup, as the driver makes it of its own dump.
  func renderedText(_ bench: Bench) throws -> [UInt8] {
    guard let format = formats().first else { throw Broken("the driver turns dumps into text, and has no format") }
    var bytes: [UInt8] = []
    try dump(format.name, token: nil, operation: bench.operation, into: { bytes += $0 })
    var rest = bytes[...]
    var text: [UInt8] = []
    try renderDump(
      format.name, operation: bench.operation,
      from: { buffer in
        let count = min(buffer.count, rest.count)
        buffer.copyBytes(from: rest.prefix(count))
        rest = rest.dropFirst(count)
        return count
      }, into: { text += $0 })
    return text
  }
}

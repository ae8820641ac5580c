import BelayABI
import BelayRows
import CBelayDriver

// The tables are written once, on first use, and only read from then on: hence `nonisolated(unsafe)`.
extension ExtensionTables {
  nonisolated(unsafe) static let script = permanent(
    belay_script(
      struct_size: structSize(belay_script.self), reserved: 0,
      probe: { answeringProbe($0, $1, $2, .script) },
      split: { connection, operation, script, statements, error in
        answering(connection, error, as: (any ScriptSplitting).self) { (connection) throws(DriverFailure) in
          guard let statements else { throw DriverFailure(.invalid, "there is nowhere to put the statements") }
          for statement in try connection.split(try script.bytes(), operation: Operation(handle: operation)) {
            try statement.write(to: statements.pointee)
          }
        }
      }))

  nonisolated(unsafe) static let lint = permanent(
    belay_lint(
      struct_size: structSize(belay_lint.self), reserved: 0,
      probe: { answeringProbe($0, $1, $2, .lint) },
      lint: { connection, operation, script, findings, error in
        answering(connection, error, as: (any Linting).self) { (connection) throws(DriverFailure) in
          let found = try connection.lint(try script.bytes(), operation: Operation(handle: operation))
          try write(found, to: findings)
        }
      }))
}

extension belay_str {
  /// A borrowed script, which may not be UTF-8.
  fileprivate func bytes() throws(DriverFailure) -> UnsafeRawBufferPointer {
    guard let bytes else { throw DriverFailure(.invalid, "there is no script") }
    return bytes
  }
}

/// Writes a small table of findings: its columns, then one row per element.
func write<Row: TableRow>(_ rows: [Row], to sink: UnsafePointer<belay_rowsink>?) throws(DriverFailure) {
  guard let sink else { throw DriverFailure(.invalid, "there is nowhere to put the rows") }
  let writer = RowWriter(sink.pointee)
  try writer.columns(Row.columns.map { ResultColumn($0) })
  for row in rows {
    for value in row.row { try writer.value(value) }
    try writer.endRow()
  }
  try writer.finish()
}

extension ScriptStatement {
  fileprivate func write(to sink: belay_statementsink) throws(DriverFailure) {
    let texts = [note] + writes.flatMap { [$0.kind, $0.schema, $0.name, $0.parent] }
    let code = texts.withBorrowed { strings in
      let described = writes.enumerated().map { index, write in
        belay_write(
          kind: strings[1 + 4 * index], schema: strings[2 + 4 * index], name: strings[3 + 4 * index],
          parent: strings[4 + 4 * index], actions: write.actions.rawValue, reserved: 0)
      }
      return described.withUnsafeBufferPointer { writes in
        var statement = belay_statement(
          struct_size: structSize(belay_statement.self), flags: flags.rawValue, offset: UInt64(offset),
          len: UInt64(length), line: UInt32(line), nwrites: UInt32(writes.count), writes: writes.baseAddress,
          note: strings[0])
        return sink.statement(sink.ctx, &statement)
      }
    }
    if code != 0 { throw .handedOn(code) }
  }
}

import BelayABI
import BelayRows
import CBelayDriver

extension Connection {
  /// Where the script's statements end, and what they write, against the current schema; changes nothing. The
  /// statements come in the script's order and do not overlap.
  ///
  /// If the driver cannot analyze scripts, the whole script is one statement that was not analyzed.
  package func split(_ script: String, operation: Operation) throws(DriverError) -> [Statement] {
    guard let table = try table(belay_script.self, operation) else {
      return [
        Statement(
          offset: 0, length: script.utf8.count, line: 1, flags: .unread, writes: [],
          note: "driver \(driver.id) cannot tell what a script writes", sql: script)
      ]
    }
    let call = Call(.script, "split", of: script)
    let receiver = ItemReceiver<Statement>()
    let reader = StatementReader(script: Array(script.utf8), receiver: receiver)
    try perform(call, operation, defect: { receiver.defect }, isUntouched: { receiver.items.isEmpty }) {
      connection, operation, error in
      var sink = belay_statementsink(
        ctx: Unmanaged.passUnretained(reader).toOpaque(),
        statement: { context, statement in
          guard let context else { return Int32(BELAY_E_INTERNAL) }
          return Unmanaged<StatementReader>.fromOpaque(context).takeUnretainedValue().take(statement)
        })
      return withExtendedLifetime(reader) {
        script.withBorrowed { table.split(connection, operation, $0, &sink, error) }
      }
    }
    return receiver.items
  }
}

/// Decodes statements, and checks them against the script.
private final class StatementReader {
  private let script: [UInt8]
  private let receiver: ItemReceiver<Statement>
  private var end = 0

  init(script: [UInt8], receiver: ItemReceiver<Statement>) {
    self.script = script
    self.receiver = receiver
  }

  func take(_ pointer: UnsafePointer<belay_statement>?) -> Int32 {
    receiver.take { () throws(Traits.Malformed) in
      guard let pointer else { throw Traits.Malformed("it passed a statement that is NULL") }
      let statement = belay_statement(reading: UnsafeRawPointer(pointer))
      let offset = Int(clamping: statement.offset)
      let length = Int(clamping: statement.len)
      guard offset >= end, offset <= script.count, length <= script.count - offset else {
        throw Traits.Malformed(
          "it passed a statement of \(length) bytes at byte \(offset), in a script of \(script.count) bytes")
      }
      end = offset + length
      guard let sql = String(validating: script[offset..<end], as: UTF8.self) else {
        throw Traits.Malformed("it split a character at byte \(offset) or \(end) of the script")
      }
      let flags = StatementFlags(rawValue: statement.flags)
      let writes = try writes(of: statement)
      func isComputed(_ write: ScriptWrite) -> Bool {
        flags.contains(.tellsColumns) && write.kind == "column" && write.actions.isSubset(of: [.insert, .update])
      }
      let computed = writes.filter(isComputed).map {
        ComputedColumn(schema: $0.schema, table: $0.parent, name: $0.name)
      }
      return Statement(
        offset: offset, length: length, line: Int(statement.line), flags: flags.subtracting(.tellsColumns),
        writes: writes.filter { !isComputed($0) },
        // What could not be analysed is not complete.
        computed: flags.contains(.tellsColumns) && !flags.contains(.unread) ? computed : nil,
        note: statement.note.shownText.nilIfEmpty, sql: sql)
    }
  }

  private func writes(of statement: belay_statement) throws(Traits.Malformed) -> [ScriptWrite] {
    guard statement.nwrites > 0 else { return [] }
    guard let first = statement.writes, statement.nwrites <= Border.mostColumns else {
      throw Traits.Malformed("it passed \(statement.nwrites) writes at NULL")
    }
    var writes: [ScriptWrite] = []
    for write in UnsafeBufferPointer(start: first, count: Int(statement.nwrites)) {
      guard let kind = write.kind.text, let schema = write.schema.text, let name = write.name.text,
        let parent = write.parent.text
      else { throw Traits.Malformed("the name of what a statement writes is not UTF-8") }
      writes.append(
        ScriptWrite(
          kind: kind, schema: schema, name: name, parent: parent, actions: WriteActions(rawValue: write.actions)))
    }
    return writes
  }
}

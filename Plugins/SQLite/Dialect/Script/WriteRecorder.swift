import CSQLite

/// Records what SQLite's authorizer reports while a statement is compiled: what the statement itself reads and writes.
package final class WriteRecorder {
  /// One report of the authorizer.
  package struct Access: Equatable {
    package var action: Int32
    package var first: String
    package var second: String
    /// "main", "temp" or an attached database; empty if SQLite does not report it.
    package var schema: String
  }

  package private(set) var accesses: [Access] = []
  /// Off while the driver itself queries the clone.
  package var isListening = true
  /// Why the authorizer refused.
  package private(set) var refusal: String?

  package func clear() {
    accesses = []
    refusal = nil
  }

  /// The recorder must outlive the handle.
  package func attach(to handle: OpaquePointer) {
    sqlite3_set_authorizer(
      handle,
      { context, action, first, second, schema, cause in
        guard let context else { return SQLITE_DENY }
        let text = { (pointer: UnsafePointer<CChar>?) in pointer.map { String(cString: $0) } ?? "" }
        return Unmanaged<WriteRecorder>.fromOpaque(context).takeUnretainedValue()
          .decide(action, text(first), text(second), text(schema), isOwn: cause == nil)
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  private func decide(_ action: Int32, _ first: String, _ second: String, _ schema: String, isOwn: Bool) -> Int32 {
    guard isListening else { return SQLITE_OK }
    switch action {
    case SQLITE_ATTACH, SQLITE_DETACH:
      return SQLITE_DENY
    case SQLITE_FUNCTION where ["load_extension", "fts3_tokenizer"].contains(second.lowercased()):
      refusal = "it calls \(second)(), which belay does not allow"
      return SQLITE_DENY
    case SQLITE_PRAGMA:
      accesses.append(Access(action: action, first: first.lowercased(), second: second, schema: schema))
      // Of all settings, only this one affects how later statements of the script are analyzed.
      return first.lowercased() == "legacy_alter_table" ? SQLITE_OK : SQLITE_IGNORE
    case SQLITE_READ, SQLITE_SELECT, SQLITE_RECURSIVE, SQLITE_FUNCTION:
      return SQLITE_OK
    default:
      // What a trigger or a view does does not count as the statement's own access.
      if isOwn { accesses.append(Access(action: action, first: first, second: second, schema: schema)) }
      return SQLITE_OK
    }
  }
}

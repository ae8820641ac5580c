import BelayDriverKit
import CSQLite

/// What SQL of others may do where it is said to read: nothing but that. A statement that SQLite itself calls read-only can
/// still open other files (ATTACH, VACUUM INTO), end the open transaction, or change a setting while it is compiled.
package final class ReadingOnly {
  /// The PRAGMAs whose argument says what to read.
  private static let readingWhat: Set<String> = [
    "foreign_key_check", "foreign_key_list", "index_info", "index_list", "index_xinfo", "integrity_check",
    "quick_check", "table_info", "table_list", "table_xinfo",
  ]
  /// Those that do something without an argument.
  private static let acting: Set<String> = ["incremental_vacuum", "optimize", "shrink_memory", "wal_checkpoint"]
  /// They load code, or write files.
  private static let refusedFunctions: Set<String> = ["edit", "fts3_tokenizer", "load_extension", "writefile"]

  /// Why the statement was refused.
  fileprivate var refusal: String?
  /// The statement is a PRAGMA that reads one of the settings that SQLite counts as writing.
  fileprivate var readsSetting = false

  fileprivate init() {}

  fileprivate func allows(_ action: Int32, _ first: String, _ second: String?) -> Bool {
    switch action {
    case SQLITE_ATTACH: refuse("opens another database file")
    case SQLITE_DETACH: refuse("closes a database file")
    case SQLITE_TRANSACTION, SQLITE_SAVEPOINT: refuse("begins or ends a transaction")
    case SQLITE_FUNCTION where Self.refusedFunctions.contains((second ?? "").lowercased()):
      refuse("calls \(second ?? "")()")
    case SQLITE_PRAGMA: allowsPragma(first.lowercased(), hasValue: second != nil)
    default: true
    }
  }

  private func allowsPragma(_ name: String, hasValue: Bool) -> Bool {
    if Self.readingWhat.contains(name) { return true }
    if hasValue { return refuse("sets PRAGMA \(name)") }
    if Self.acting.contains(name) { return refuse("runs PRAGMA \(name)") }
    if name == "journal_mode" { readsSetting = true }
    return true
  }

  private func refuse(_ what: String) -> Bool {
    refusal = refusal ?? what
    return false
  }

  fileprivate static func failure(_ what: String) -> DriverFailure {
    DriverFailure(.denied, "the statement \(what), but here it may only read")
  }
}

extension Database {
  /// Runs a body in which SQL of others only reads.
  package func readingOnly<R>(
    _ body: (ReadingOnly) throws(DriverFailure) -> R
  ) throws(DriverFailure) -> R {
    // Before, since the authorizer would refuse it. What a function or a virtual table writes by itself is refused by this.
    let wasQueryOnly = try integer("PRAGMA query_only") != 0
    if !wasQueryOnly { try run("PRAGMA query_only=ON") }
    let permissions = ReadingOnly()
    sqlite3_set_authorizer(
      handle,
      { context, action, first, second, _, _ in
        guard let context else { return SQLITE_DENY }
        let permissions = Unmanaged<ReadingOnly>.fromOpaque(context).takeUnretainedValue()
        let text = { (pointer: UnsafePointer<CChar>?) in pointer.map { String(cString: $0) } }
        return permissions.allows(action, text(first) ?? "", text(second)) ? SQLITE_OK : SQLITE_DENY
      }, Unmanaged.passUnretained(permissions).toOpaque())
    let result = Result { () throws(DriverFailure) in try withExtendedLifetimeOf(permissions, body) }
    sqlite3_set_authorizer(handle, nil, nil)
    if !wasQueryOnly { try run("PRAGMA query_only=OFF") }
    if case .failure = result, let refusal = permissions.refusal { throw ReadingOnly.failure(refusal) }
    return try result.get()
  }

  private func withExtendedLifetimeOf<R>(
    _ permissions: ReadingOnly, _ body: (ReadingOnly) throws(DriverFailure) -> R
  ) throws(DriverFailure) -> R {
    defer { withExtendedLifetime(permissions) {} }
    return try body(permissions)
  }
}

extension ReadingOnly {
  /// Refuses a compiled statement that would write.
  package func check(_ statement: borrowing Statement) throws(DriverFailure) {
    guard sqlite3_stmt_readonly(statement.handle) == 0, !readsSetting else { return }
    throw Self.failure("would change the database")
  }
}

import BelayDriverKit
import CSQLite
import SQLiteDialect

/// What D1 does not allow in SQL, enforced with SQLite's authorizer for every statement that is not the driver's own.
final class Permissions {
  private var isWatching = false

  /// D1 allows the PRAGMAs that its documentation lists as compatible
  /// (developers.cloudflare.com/d1/sql-api/sql-statements), and refuses all others. FTS5 itself uses data_version.
  private static let pragmas: Set<String> = [
    "case_sensitive_like", "data_version", "defer_foreign_keys", "foreign_key_check", "foreign_key_list",
    "foreign_keys", "ignore_check_constraints", "index_info", "index_list", "index_xinfo", "legacy_alter_table",
    "optimize", "quick_check", "recursive_triggers", "reverse_unordered_selects", "table_info", "table_list",
    "table_xinfo",
  ]

  private static let refused: Set<Int32> = [
    SQLITE_TRANSACTION, SQLITE_SAVEPOINT, SQLITE_ATTACH, SQLITE_DETACH, SQLITE_CREATE_TEMP_INDEX,
    SQLITE_CREATE_TEMP_TABLE, SQLITE_CREATE_TEMP_TRIGGER, SQLITE_CREATE_TEMP_VIEW, SQLITE_DROP_TEMP_INDEX,
    SQLITE_DROP_TEMP_TABLE, SQLITE_DROP_TEMP_TRIGGER, SQLITE_DROP_TEMP_VIEW,
  ]

  /// Must outlive the database.
  func attach(to database: Database) {
    sqlite3_set_authorizer(
      database.handle,
      { context, action, first, _, schema, _ in
        guard let context else { return SQLITE_OK }
        let permissions = Unmanaged<Permissions>.fromOpaque(context).takeUnretainedValue()
        return permissions.allows(action, first, schema) ? SQLITE_OK : SQLITE_DENY
      }, Unmanaged.passUnretained(self).toOpaque())
  }

  /// Runs a statement that is not the driver's own.
  func watching<R>(_ body: () throws(DriverFailure) -> R) throws(DriverFailure) -> R {
    isWatching = true
    defer { isWatching = false }
    do throws(DriverFailure) {
      return try body()
    } catch {
      guard error.vendorCode & 0xff == SQLITE_AUTH else { throw error }
      throw DriverFailure(.denied, "not authorized: SQLITE_AUTH", hint: "D1 does not let SQL do that")
    }
  }

  private func allows(_ action: Int32, _ first: UnsafePointer<CChar>?, _ schema: UnsafePointer<CChar>?) -> Bool {
    guard isWatching else { return true }
    if Self.refused.contains(action) { return false }
    switch action {
    case SQLITE_PRAGMA: return Self.pragmas.contains(Self.text(first).lowercased())
    // What `CREATE TABLE temp.t` does first.
    case SQLITE_INSERT where Self.text(schema) == "temp": return false
    case SQLITE_READ, SQLITE_INSERT, SQLITE_UPDATE, SQLITE_DELETE, SQLITE_CREATE_TABLE, SQLITE_DROP_TABLE,
      SQLITE_CREATE_VIEW, SQLITE_DROP_VIEW:
      return !Self.text(first).lowercased().hasPrefix("_cf_")
    default: return true
    }
  }

  private static func text(_ characters: UnsafePointer<CChar>?) -> String {
    characters.map { String(cString: $0) } ?? ""
  }
}

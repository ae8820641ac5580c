import BelayDriverKit
import CSQLite

extension SQLiteConnection: IntegrityChecking {
  func checkIntegrity(full: Bool, operation: Operation) throws(DriverFailure) -> [IntegrityFinding] {
    try during(operation) { () throws(DriverFailure) in
      var findings = try foreignKeyFindings()
      let pragma = full ? "integrity_check" : "quick_check"
      try live.rows("PRAGMA main.\(pragma)(100)") { row in
        let message = row.text(0) ?? ""
        if message != "ok" { findings.append(Self.finding(pragma, message)) }
      }
      return findings
    }
  }

  private func foreignKeyFindings() throws(DriverFailure) -> [IntegrityFinding] {
    var broken: [(table: String, rowid: String?, parent: String, key: Int64)] = []
    do throws(DriverFailure) {
      try live.rows("PRAGMA main.foreign_key_check") { row in
        broken.append((row.text(0) ?? "", row.text(1), row.text(2) ?? "", row.integer(3)))
      }
    } catch {
      // "foreign key mismatch": the parent lacks the key that is referred to. The schema is wrong, not the statement.
      guard error.code == .sql else { throw error }
      return [IntegrityFinding(check: "foreign_key", object: "", message: error.message)]
    }
    var columns: [String: String] = [:]
    var findings: [IntegrityFinding] = []
    for row in broken {
      let key = "\(row.key) \(row.table)"
      if columns[key] == nil { columns[key] = try columnsOfKey(row.key, of: row.table) }
      let identity = row.rowid.map { "rowid \($0)" }
      findings.append(
        IntegrityFinding(
          check: "foreign_key", object: row.table, identity: identity,
          message: "\(columns[key] ?? "") refers to a row that \(row.parent) does not have"))
    }
    return findings
  }

  private func columnsOfKey(_ key: Int64, of table: String) throws(DriverFailure) -> String {
    var columns: [String] = []
    let sql = "SELECT \"from\" FROM pragma_foreign_key_list(?1) WHERE id = \(key) ORDER BY seq"
    try live.rows(sql, [table]) { row in columns.append(row.text(0) ?? "") }
    return columns.joined(separator: ", ")
  }

  /// "row 3 missing from index users_email", "non-unique entry in index …", "NULL value in users.name" …
  private static func finding(_ check: String, _ message: String) -> IntegrityFinding {
    let words = message.split(separator: " ").map(String.init)
    var object = ""
    if let index = words.firstIndex(of: "index"), index + 1 < words.count {
      object = words[index + 1]
    } else if let index = words.lastIndex(of: "in"), index + 1 < words.count {
      object = words[index + 1].split(separator: ".").first.map(String.init) ?? ""
    }
    let identity = words.count > 1 && words[0] == "row" ? "rowid \(words[1])" : nil
    return IntegrityFinding(check: check, object: object, identity: identity, message: message)
  }
}

import BelayDriverKit
import CSQLite
import SQLiteDialect

extension SQLiteConnection: IntegrityChecking {
  func checkIntegrity(full: Bool, operation: Operation) throws(DriverFailure) -> [IntegrityFinding] {
    try during(operation) { () throws(DriverFailure) in
      var findings = try foreignKeyFindings()
      let pragma = full ? "integrity_check" : "quick_check"
      try live.rows("PRAGMA main.\(pragma)(100)") { row in
        let message = row.text(0) ?? ""
        if message != "ok" { findings.append(IntegrityFinding(check: pragma, words: message)) }
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
      // "foreign key mismatch": the parent lacks the referenced key. The schema is wrong, not the statement.
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
          message: "\(columns[key] ?? "") refers to a row that does not exist in \(row.parent)"))
    }
    return findings
  }

  private func columnsOfKey(_ key: Int64, of table: String) throws(DriverFailure) -> String {
    var columns: [String] = []
    let sql = "SELECT \"from\" FROM pragma_foreign_key_list(?1) WHERE id = \(key) ORDER BY seq"
    try live.rows(sql, [table]) { row in columns.append(row.text(0) ?? "") }
    return columns.joined(separator: ", ")
  }
}

import BelayDriverKit
import CSQLite
import SQLiteDialect

extension SQLiteConnection: IntegrityChecking {
  func checkIntegrity(full: Bool, operation: Operation) throws(DriverFailure) -> [IntegrityFinding] {
    try during(operation) { () throws(DriverFailure) in
      try ForeignKeyCheck(live).findings() + (try DefinitionCheck(live)?.findings() ?? [])
        + IntegrityCheck(live).findings(full ? .full : .quick)
    }
  }
}

extension SQLiteConnection: PreflightChecking {
  func checkPreflight(_ needs: PreflightNeeds, operation: Operation) throws(DriverFailure) -> [PreflightFinding] {
    try during(operation) { () throws(DriverFailure) in
      try unknownEntryFindings(needs) + UncheckedParts.findings(in: live)
    }
  }

  /// Without an entry of the schema SQLite can read, but must not change a table that the entry may be about.
  private func unknownEntryFindings(_ needs: PreflightNeeds) -> [PreflightFinding] {
    guard let unknown = live.unknownEntry else { return [] }
    let version = String(cString: sqlite3_libversion())
    let what = "SQLite \(version) does not understand its statement (\(unknown.reason))"
    let hint = "use belay with the SQLite that the application uses, or a newer one"
    guard needs.contains(.write) else {
      return [
        PreflightFinding(
          .warning, rule: PreflightFinding.uncheckedRule, subject: unknown.name,
          "\(what): the pages are copied, but it is not checked, and rows of a table like that are in the native dump alone",
          hint: hint)
      ]
    }
    return [
      PreflightFinding(
        .error, rule: "unknown-schema", subject: unknown.name, "\(what): nothing can be changed safely", hint: hint)
    ]
  }
}

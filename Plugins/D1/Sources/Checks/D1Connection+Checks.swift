import BelayDriverKit
import SQLiteDialect

extension D1Connection: Explaining {
  /// The plan of this machine's SQLite for the same schema. D1's may differ if its version or statistics differ.
  func explain(_ sql: String, operation: Operation) throws(DriverFailure) -> [PlanStep] {
    try during(operation) { () throws(DriverFailure) in
      let database = if let view { view.database } else { try schema(fresh: false) }
      return try QueryPlan.steps(of: sql, in: database)
    }
  }
}

extension D1Connection: IntegrityChecking {
  func checkIntegrity(full: Bool, operation: Operation) throws(DriverFailure) -> [IntegrityFinding] {
    try during(operation) { () throws(DriverFailure) in
      // Only Cloudflare can check the storage; D1 allows only the quick check.
      var findings: [IntegrityFinding] = []
      for row in try ask("PRAGMA foreign_key_check") where row.count == 4 {
        findings.append(
          IntegrityFinding(
            check: "foreign_key", object: row[0].text ?? "", identity: "rowid \(row[1].number)",
            message: "it refers to a row that does not exist in \(row[2].text ?? "")"))
      }
      for row in try ask("PRAGMA quick_check") {
        let message = row.first?.text ?? ""
        if message != "ok" { findings.append(IntegrityFinding(check: "quick_check", words: message)) }
      }
      // This machine's SQLite reads the definitions as D1's does.
      return findings + (try DefinitionCheck(schema())?.findings() ?? [])
    }
  }
}

extension D1Connection: Linting {
  func lint(_ script: UnsafeRawBufferPointer, operation: Operation) throws(DriverFailure) -> [LintFinding] {
    try during(operation) { () throws(DriverFailure) in
      let schema = try schema(fresh: false)
      var findings: [LintFinding] = []
      var reader = ScriptReader(script)
      while let piece = reader.next() {
        if let refusal = D1Rules.refusal(of: piece) {
          findings.append(
            LintFinding(line: piece.line, .error, rule: refusal.rule, refusal.message, hint: refusal.hint))
        } else if D1Rules.isTrigger(piece) {
          findings.append(
            LintFinding(
              line: piece.line, .note, rule: "trigger-by-import",
              "D1 runs the file with this trigger as an import, which is not a transaction",
              hint: "put triggers into a file of their own"))
        }
      }
      // Each finding once, D1's own first.
      let refused = Set(findings.filter { $0.severity == .error }.map(\.line))
      findings += try Linter(script, schema, enforcesForeignKeys: true).findings().filter { !refused.contains($0.line) }
      return findings.sorted { $0.line < $1.line }
    }
  }
}

extension D1Connection: PreflightChecking {
  func checkPreflight(_ needs: PreflightNeeds, operation: Operation) throws(DriverFailure) -> [PreflightFinding] {
    try during(operation) { () throws(DriverFailure) in
      var findings: [PreflightFinding] = []
      if needs.contains(.write) { findings += timeTravelFindings() }
      if needs.contains(.scratch) { findings += scratchFindings() }
      if let bytes = try (engine as? RemoteDatabase)?.card?.bytes { findings += sizeFindings(bytes, needs) }
      let schema = try RemoteSchema.read(self)
      if needs.contains(.dump), settings.prefersExport {
        findings += schema.entries.filter(\.isVirtual).map { entry in
          PreflightFinding(
            .error, rule: "virtual-table", subject: entry.name,
            "D1 cannot export virtual tables, and an export without \(entry.name) is not a backup",
            hint: "use the option native=copy, which is the default")
        }
      }
      for entry in schema.entries where entry.isVirtual && VirtualTable(entry).isContentless {
        findings.append(
          PreflightFinding(
            .warning, rule: "contentless-table", subject: entry.name,
            "its content cannot be read: a backup contains only its definition",
            hint: "rebuild it from its source after a restore"))
      }
      if needs.contains(.write), settings.isReadOnly {
        findings.append(PreflightFinding(.error, rule: "read-only", "\(name) is opened read-only"))
      }
      return findings
    }
  }

  private func timeTravelFindings() -> [PreflightFinding] {
    do throws(DriverFailure) {
      _ = try currentBookmark()
      return [
        PreflightFinding(
          .note, rule: "time-travel",
          "Time Travel reaches back 30 days, or 7 on the free plan; after that, only the archive can be restored")
      ]
    } catch {
      return [
        PreflightFinding(
          .error, rule: "time-travel", "Time Travel is not available, and rollback needs it: \(error.message)",
          hint: error.hint.isEmpty ? nil : error.hint)
      ]
    }
  }

  private func scratchFindings() -> [PreflightFinding] {
    let standIn = "on this machine's SQLite \(StandIn.version), with D1's limits"
    guard settings.scratchPlace != .local else {
      return [PreflightFinding(.note, rule: "scratch", "backups are verified and migrations rehearsed \(standIn)")]
    }
    do throws(DriverFailure) {
      // A token that may list databases may still not create them; this shows only when one is created.
      _ = try remote("scratch databases").directory.find(ScratchName.mark + "preflight")
      return []
    } catch {
      guard settings.scratchPlace == .account else {
        return [
          PreflightFinding(
            .note, rule: "scratch",
            "this token cannot create temporary databases, so backups are verified and migrations rehearsed \(standIn):"
              + " \(error.message)")
        ]
      }
      return [
        PreflightFinding(
          .error, rule: "scratch", "this token cannot create temporary databases: \(error.message)",
          hint: "give the token Account > D1 > Edit, or set the option scratch to local")
      ]
    }
  }

  private func sizeFindings(_ bytes: UInt64, _ needs: PreflightNeeds) -> [PreflightFinding] {
    var findings: [PreflightFinding] = []
    if bytes > Limits.databaseBytes / 10 * 9 {
      findings.append(
        PreflightFinding(
          .warning, rule: "database-size",
          "the database has \(bytes) bytes, and D1 allows at most \(Limits.databaseBytes)",
          hint: "a migration that copies a large table will exceed the limit"))
    }
    if needs.contains(.dump) || needs.contains(.scratch), bytes > UInt64(Limits.importBytes) {
      findings.append(
        PreflightFinding(
          .warning, rule: "import-size",
          "the database has \(bytes) bytes, and an import can have at most \(Limits.importBytes): the backup cannot be "
            + "restored in one import", hint: "use Time Travel; restore large tables one by one"))
    }
    return findings
  }
}

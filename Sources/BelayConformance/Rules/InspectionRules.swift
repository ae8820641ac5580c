import BelayDrivers

extension Rule {
  /// Whether the application is "belay", or "belay", a space and more text.
  private static func isOfBelay(_ session: Session) -> Bool {
    session.application == "belay" || session.application?.hasPrefix("belay ") == true
  }

  /// 831 to 883: extensions that only inspect.
  static let inspection: [Rule] = [
    Rule(831, .sessions, "sessions are listed with unique ids, without the calling connection's own") { bench in
      let connection = try bench.fill()
      let sessions = try connection.sessions(operation: bench.operation) ?? []
      try expect(sessions.allSatisfy { !$0.id.isEmpty }, "a session has no id")
      try expect(!sessions.contains(where: isOfBelay), "the calling connection is listed itself")
      try expect(Set(sessions.map(\.id)).count == sessions.count, "two sessions have the same id")
      let other = try bench.open()
      let more = try connection.sessions(operation: bench.operation) ?? []
      // A driver may leave out sessions that the same process has opened.
      let joined = more.filter { !sessions.contains($0) }
      try expect(joined.count <= 1, "one more connection adds \(joined.count) sessions")
      try expect(
        joined.allSatisfy(isOfBelay), "a session of belay has the application \(joined.first?.application ?? "NULL")"
      )
      try bench.expectRows(bench.specimen.cells, other, "after listing the sessions")
    },

    Rule(832, .sessions, "an unknown session id ends no session") { bench in
      let (connection, other) = (try bench.fill(), try bench.open())
      do {
        try connection.terminateSession("0", operation: bench.operation)
      } catch let error as DriverError {
        try expect(error.code != .internal, error.message)
      }
      try bench.expectRows(bench.specimen.cells, connection, "after ending an unknown session")
      try bench.expectRows(bench.specimen.cells, other, "after ending an unknown session")
    },

    Rule(841, .explain, "the plan of a query has steps that name its table, and the query is not run") {
      bench in
      let connection = try bench.fillWholly()
      let table = try bench.table(connection)
      let steps = try connection.explain(bench.selection(table, connection), operation: bench.operation) ?? []
      let names = [table.name, "\(table.schema).\(table.name)"]
      try expect(
        steps.contains { $0.isFullScan && names.contains($0.table ?? "") },
        "no step is a full scan of \(table.name): \(steps.map(\.detail))")
      _ = try connection.explain(bench.literalDeletion(connection), operation: bench.operation)
      try bench.expectRows(bench.specimen.cells, connection, "after a DELETE was explained")
      try refusal(of: "the plan of an invalid statement", [.sql]) {
        _ = try connection.explain("SELEKT", operation: bench.operation)
      }
    },

    Rule(
      851, .lint, "an invalid statement is reported with its line or not at all, and an empty script has no findings"
    ) {
      bench in
      let connection = try bench.fill()
      for finding in try connection.lint("\n\nSELEKT 1;", operation: bench.operation) ?? [] {
        try expect(finding.line == 3, "a finding is in line \(finding.line), not 3")
        try expect(!finding.rule.isEmpty && !finding.message.isEmpty, "a finding has no rule or no message")
      }
      let nothing = try connection.lint("", operation: bench.operation) ?? []
      try expect(nothing.isEmpty, "an empty script has a finding: \(nothing.first?.message ?? "")")
      try bench.expectRows(bench.specimen.cells, connection, "after a lint")
    },

    Rule(861, .integrity, "an undamaged database has no findings, at either depth, even in a transaction") { bench in
      let connection = try bench.fillWholly()
      func look(_ full: Bool, _ when: String) throws {
        let findings = try connection.integrity(full: full, operation: bench.operation) ?? []
        try expect(findings.isEmpty, "\(when) there is a finding: \(findings.first?.message ?? "")")
      }
      try look(false, "at the quick depth")
      try look(true, "at the full depth")
      guard connection.traits.hasTransactions else { return }
      try connection.execute(connection.traits.begin, operation: bench.operation)
      try look(false, "in a transaction")
      try connection.execute(connection.traits.rollback, operation: bench.operation)
    },

    Rule(871, .preflight, "each finding of preflight has a rule and a message, and preflight changes nothing") {
      bench in
      let connection = try bench.fillWholly()
      let before = try bench.content(connection)
      for needs in [PreflightNeeds.dump, .scratch, .write, [.dump, .scratch, .write]] {
        for finding in try connection.preflight(needs, operation: bench.operation) ?? [] {
          try expect(!finding.rule.isEmpty && !finding.message.isEmpty, "a finding has no rule or no message")
        }
      }
      try bench.expectContent(before, connection, "after a preflight")
    },

    Rule(881, .footprint, "each table is listed once, with the rows that the open transaction has written so far") {
      bench in
      let connection = try bench.fillWholly()
      try bench.needsTransactions(connection)
      let table = try bench.table(connection)
      func read(_ when: String) throws -> TableFootprint {
        let all = try connection.footprint(operation: bench.operation) ?? []
        let told = all.map { ObjectIdentity(kind: "table", schema: $0.schema, name: $0.table) }
        let tables = try connection.catalog(operation: bench.operation).tables.filter(\.hasRows).map(\.object.identity)
        try expect(Set(told).count == told.count, "\(when) it lists a table twice")
        let odd = Set(told).subtracting(tables)
        try expect(odd.isEmpty, "\(when) it lists \(odd.first?.name ?? ""), which is not in the catalog")
        // The engine's own tables are in other schemas.
        let silent = tables.first { $0.schema == table.schema && !told.contains($0) }
        try expect(silent == nil, "\(when) it does not list \(silent?.name ?? "")")
        guard let own = all.first(where: { $0.table == table.name && $0.schema == table.schema }) else {
          throw Broken("\(when) it does not list \(table.name)")
        }
        return own
      }
      func expectCounts(_ inserted: Int64, _ deleted: Int64, _ when: String) throws {
        let own = try read(when)
        try expect(
          own.inserted == inserted && own.updated == 0 && own.deleted == deleted,
          "\(when) it reports \(own.inserted) inserted, \(own.updated) updated and \(own.deleted) deleted rows")
      }
      try expectCounts(0, 0, "outside a transaction")
      try connection.execute(connection.traits.begin, operation: bench.operation)
      try bench.insert([new, [.text("newer"), .null]], into: connection)
      try expectCounts(2, 0, "after two rows were inserted")
      try connection.execute(bench.literalDeletion(connection), operation: bench.operation)
      try expectCounts(2, Int64(bench.specimen.rows.count + 2), "after all rows were deleted")
      try connection.execute(connection.traits.rollback, operation: bench.operation)
      try expectCounts(0, 0, "after the rollback")
    },

    Rule(
      882, .footprint,
      "rows that foreign keys, triggers and functions write are counted too, and not as the statement's own"
    ) {
      bench in
      let connection = try bench.fillWholly()
      try bench.needsTransactions(connection)
      guard !bench.specimen.footprints.isEmpty else { throw Skip("the specimen has no footprints") }
      let folding = try bench.folding(connection)
      for written in bench.specimen.footprints {
        let statements = bench.specimen.schema + written.sql
        let rows = Dictionary(
          uniqueKeysWithValues: written.rows.map { (folding.name($0, in: statements, connection.traits), $1) })
        try connection.execute(connection.traits.begin, operation: bench.operation)
        for statement in written.sql { try connection.execute(statement, operation: bench.operation) }
        let told = try connection.footprint(operation: bench.operation) ?? []
        try connection.execute(connection.traits.rollback, operation: bench.operation)
        let after = "after `\(written.sql.joined(separator: "; "))`"
        for name in rows.keys.sorted() where !told.contains(where: { $0.table == name }) {
          throw Broken("\(after) it does not list \(name)")
        }
        for table in told {
          let wanted = rows[table.table] ?? [0, 0, 0]
          let all = [table.inserted, table.updated, table.deleted]
          try expect(
            all == Array(wanted.prefix(3)),
            "\(after) it reports \(all) rows of \(table.table) inserted, updated and deleted, not \(wanted.prefix(3))")
          guard let own = table.own.map({ [$0.inserted, $0.updated, $0.deleted] }) else { continue }
          try expect(
            own == Array(wanted.suffix(3)),
            "\(after) it reports \(own) of \(table.table) as the statement's own, not \(wanted.suffix(3))")
        }
      }
    },

    Rule(
      883, .footprint, "the check of what was written finds nothing wrong with sound rows, and the transaction goes on"
    ) {
      bench in
      let connection = try bench.fillWholly()
      try bench.needsTransactions(connection)
      try connection.execute(connection.traits.begin, operation: bench.operation)
      try bench.insert([new], into: connection)
      guard let findings = try connection.checkFootprint(operation: bench.operation) else {
        throw Skip("the driver does not check what was written alone")
      }
      try expect(findings.isEmpty, "it finds: \(findings.first?.message ?? "")")
      try connection.execute(connection.traits.commit, operation: bench.operation)
      try bench.expectRows(bench.specimen.cells + [new], connection, "after the check and COMMIT")
    },
  ]
}

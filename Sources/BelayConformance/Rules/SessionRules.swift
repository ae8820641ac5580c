import BelayDrivers

extension Rule {
  /// 891 to 894: drafts about the session, about what lies around the database, and about what an archive holds.
  static let session: [Rule] = [
    Rule(891, .reset, "a reset keeps the open transaction with its rows, and what was committed") { bench in
      let connection = try bench.fill()
      try connection.resetSession(operation: bench.operation)
      try bench.expectRows(bench.specimen.cells, connection, "after a reset")
      try bench.needsTransactions(connection)
      let new: [Value] = [.text("new"), .null]
      try connection.execute(connection.traits.begin, operation: bench.operation)
      try bench.insert([new], into: connection)
      try connection.resetSession(operation: bench.operation)
      try bench.expectRows(bench.specimen.cells + [new], connection, "after a reset within a transaction")
      try connection.execute(connection.traits.rollback, operation: bench.operation)
      try bench.expectRows(bench.specimen.cells, connection, "after the rollback of that transaction")
    },

    Rule(892, .reset, "a table has its own schema for its place, and one that is missing has a place as well") {
      bench in
      let connection = try bench.fill()
      let before = try bench.content(connection)
      let table = try bench.table(connection)
      let place = try connection.place(of: table.name, operation: bench.operation)
      try expect(place == table.schema, "\(table.name) is in \(table.schema), and its place is \(place)")
      _ = try connection.place(of: "belay_nowhere", operation: bench.operation)
      let seam = try connection.seam(operation: bench.operation)
      if try connection.support(for: .script) == .available {
        for statement in try connection.split(seam, operation: bench.operation) {
          try expect(!statement.flags.contains(.unread), "the seam could not be analysed: \(statement.note ?? "")")
        }
      }
      try bench.expectContent(before, connection, "after asking for the place of a table")
    },

    Rule(893, .surroundings, "what is shared with others is not written by writing a table") { bench in
      let connection = try bench.fill()
      try bench.needsTransactions(connection)
      try connection.execute(connection.traits.begin, operation: bench.operation)
      let before = try connection.surroundings(operation: bench.operation) ?? []
      try bench.insert([[.text("new"), .null]], into: connection)
      let after = try connection.surroundings(operation: bench.operation) ?? []
      try connection.execute(connection.traits.rollback, operation: bench.operation)
      try expect((before + after).allSatisfy { !$0.kind.isEmpty }, "something has no kind")
      let written = after.first { object in
        object.isWritten && !before.contains { $0.kind == object.kind && $0.isWritten }
      }
      try expect(written == nil, "a \(written?.kind ?? "") is written by writing a row")
    },

    Rule(894, .archived, "a statement that makes nothing of its kind is refused, and changes nothing") { bench in
      let connection = try bench.fill()
      let before = try bench.content(connection)
      let table = try bench.table(connection)
      let name = connection.traits.quoted(schema: table.schema, name: table.name)
      for kind in ["table", "index", "setting", "rows", "no kind at all"] {
        for sql in ["DROP TABLE \(name)", "DELETE FROM \(name)"] {
          let error = try failure(of: "\(sql) as \(kind) of an archive") {
            try connection.executeArchived(sql, kind: kind, operation: bench.operation)
          }
          try expect(error.code == .invalid, "it failed with \(error.code), not invalid: \(error.message)")
        }
      }
      try bench.expectContent(before, connection, "after refused statements of an archive")
    },
  ]
}

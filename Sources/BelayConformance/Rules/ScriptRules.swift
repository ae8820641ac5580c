import BelayDrivers

extension Rule {
  /// 701 to 706: belay.script/1.
  static let script: [Rule] = [
    Rule(701, .script, "the offsets, lengths and lines of the statements are correct") { bench in
      let connection = try bench.fill()
      let text = text(bench)
      let bytes = Array(text.utf8)
      let statements = try connection.split(text, operation: bench.operation)
      let steps = bench.specimen.script
      try expect(statements.count == steps.count, "\(steps.count) statements were split into \(statements.count)")
      for (statement, step) in zip(statements, steps) {
        try expect(statement.sql.contains(step.sql), "\(step.sql) was cut to \(statement.sql)")
        let line = bytes[..<statement.offset].count { $0 == UInt8(ascii: "\n") } + 1
        try expect(statement.line == line, "\(step.sql) is reported in line \(statement.line), not \(line)")
      }
    },

    Rule(702, .script, "running the statements one by one has the same effect as running the script") { bench in
      try bench.needsTables()
      let (whole, parts) = (try bench.fill("whole"), try bench.fill("parts"))
      try whole.execute(text(bench), operation: bench.operation)
      for statement in try parts.split(text(bench), operation: bench.operation) {
        try parts.execute(statement.sql, operation: bench.operation)
      }
      try bench.expectContent(bench.content(whole), parts, "run one by one")
    },

    Rule(
      703, .script,
      "each statement says what it writes itself, given the effects of those before it; split changes nothing"
    ) {
      bench in
      let connection = try bench.fill()
      let folding = try bench.folding(connection)
      let before = try bench.content(connection)
      let statements = try connection.split(text(bench), operation: bench.operation)
      try expect(statements.count == bench.specimen.script.count, "\(statements.count) statements were found")
      for (statement, step) in zip(statements, bench.specimen.script) {
        try expect(!statement.flags.contains(.unread), "`\(step.sql)` could not be analysed: \(statement.note ?? "")")
        let told = Set(statement.writes.flatMap(words))
        let writes = step.writes.map { write in
          let words = write.split(separator: " ", maxSplits: 2).map(String.init)
          return words.count < 3
            ? write : "\(words[0]) \(words[1]) \(folding.name(words[2], in: [step.sql], connection.traits))"
        }
        if let missing = writes.first(where: { !told.contains($0) }) {
          let all = told.isEmpty ? "nothing" : told.sorted().joined(separator: ", ")
          throw Broken("`\(step.sql)` does not report this write: \(missing); it reports: \(all)")
        }
        // Keys and indexes that are created with a table need not be listed.
        let tables = told.filter { $0.contains(" table ") }
        if let odd = tables.first(where: { !writes.contains($0) }) {
          throw Broken("`\(step.sql)` reports a write that does not happen: \(odd)")
        }
      }
      try bench.expectContent(before, connection, "after splitting a script")
    },

    Rule(
      704, .script, "a statement that cannot be analysed is flagged UNREAD, with the reason, and split does not fail"
    ) {
      bench in
      let statements = try bench.fill().split("SELEKT something;", operation: bench.operation)
      try expect(statements.count == 1, "it was split into \(statements.count) statements")
      try expect(statements.first?.flags.contains(.unread) == true, "it is not flagged UNREAD")
      try expect(statements.first?.note?.isEmpty == false, "it has no note")
    },

    Rule(705, .script, "an empty script has no statements") { bench in
      let connection = try bench.fill()
      for text in ["", " \n", "-- only words\n", ";;"] {
        let found = try connection.split(text, operation: bench.operation).map(\.sql).filter { !$0.isEmpty }
        try expect(found.isEmpty, "\(text.debugDescription) has the statement \(found.first ?? "")")
      }
    },

    Rule(
      706, .script, "a statement with COLUMNS lists the columns that get the value of an expression, and no others"
    ) { bench in
      let connection = try bench.fill()
      let folding = try bench.folding(connection)
      let statements = try connection.split(text(bench), operation: bench.operation)
      for (statement, step) in zip(statements, bench.specimen.script) {
        guard let computed = statement.computed else { continue }
        let told = Set(computed.map { "\($0.table).\($0.name)" })
        let computes = step.computes.map { name in
          guard let dot = name.lastIndex(of: ".") else { return name }
          return [String(name[..<dot]), String(name[name.index(after: dot)...])]
            .map { folding.name($0, in: [step.sql], connection.traits) }.joined(separator: ".")
        }
        if let missing = computes.first(where: { !told.contains($0) }) {
          throw Broken("`\(step.sql)` does not list \(missing), which gets the value of an expression")
        }
        if let odd = told.sorted().first(where: { !computes.contains($0) }) {
          throw Broken("`\(step.sql)` lists \(odd), which gets no value of an expression")
        }
      }
    },
  ]

  /// The steps with comments and whitespace between them.
  private static func text(_ bench: Bench) -> String {
    bench.specimen.script.map { "-- é: a comment; with a semicolon\n\($0.sql) ;\n\n" }.joined() + "/* the end; */\n"
  }

  /// "create table fresh", for each action.
  private static func words(_ write: ScriptWrite) -> [String] {
    let names: [(WriteActions, String)] = [
      (.insert, "insert"), (.update, "update"), (.delete, "delete"), (.create, "create"), (.drop, "drop"),
      (.alter, "alter"),
    ]
    return names.filter { write.actions.contains($0.0) }.map { "\($0.1) \(write.kind) \(write.name)" }
  }
}

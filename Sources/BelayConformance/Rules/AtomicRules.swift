import BelayDrivers

extension Rule {
  /// 607 and 811: all or nothing.
  static let atomic: [Rule] = [
    Rule(607, .transactions, "statements run as one, or not at all: by belay.atomic/1, or within a transaction") {
      bench in
      let connection = try bench.fill()
      if try !bench.hasAtomic { try bench.needsTransactions(connection) }
      let insert = try bench.literalInsertion(connection)
      try refusal(of: "two statements of which the second fails", [.constraint]) {
        try connection.executeAtomically(
          ["\(insert) ('a', NULL)", "\(insert) ('a', NULL)"], operation: bench.operation)
      }
      try bench.expectRows(bench.specimen.cells, connection, "after two statements of which one failed")
      try connection.executeAtomically(
        ["\(insert) ('a', NULL)", "\(insert) ('b', NULL)"], operation: bench.operation)
      try bench.expectRows(
        bench.specimen.cells + [[.text("a"), .null], [.text("b"), .null]], connection, "after two good statements")
    },

    Rule(811, .atomic, "the index of the statement that failed is told, where it is known") { bench in
      let connection = try bench.fill()
      let insert = try bench.literalInsertion(connection)
      for (index, statements) in [["SELEKT"], ["\(insert) ('a', NULL)", "SELEKT"]].enumerated() {
        let error = try failure(of: "a wrong statement") {
          try connection.executeAtomically(statements, operation: bench.operation)
        }
        try expect(error.code == .sql, "it failed with \(error.code): \(error.message)")
        guard let told = error.statement else { continue }
        try expect(told == index, "statement \(index) failed, and the index given is \(told)")
      }
      try bench.expectRows(bench.specimen.cells, connection, "after statements of which one failed")
    },
  ]
}

extension Bench {
  fileprivate var hasAtomic: Bool {
    get throws { try driver().extensionIDs.contains(DriverExtension.atomic.rawValue) }
  }
}

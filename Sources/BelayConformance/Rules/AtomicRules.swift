import BelayDrivers

extension Rule {
  /// 607 and 811: all or nothing.
  static let atomic: [Rule] = [
    Rule(
      607, .transactions, "several statements run as a unit, all or nothing: with belay.atomic/1 or in a transaction"
    ) {
      bench in
      let connection = try bench.fill()
      if try !bench.hasAtomic { try bench.needsTransactions(connection) }
      let insert = try bench.literalInsertion(connection)
      try refusal(of: "two statements, the second of which fails", [.constraint]) {
        try connection.executeAtomically(
          ["\(insert) ('a', NULL)", "\(insert) ('a', NULL)"], operation: bench.operation)
      }
      try bench.expectRows(bench.specimen.cells, connection, "after two statements, one of which failed")
      try connection.executeAtomically(
        ["\(insert) ('a', NULL)", "\(insert) ('b', NULL)"], operation: bench.operation)
      try bench.expectRows(
        bench.specimen.cells + [[.text("a"), .null], [.text("b"), .null]], connection, "after two valid statements")
    },

    Rule(811, .atomic, "the index of the failed statement is reported, if it is known") { bench in
      let connection = try bench.fill()
      let insert = try bench.literalInsertion(connection)
      for (index, statements) in [["SELEKT"], ["\(insert) ('a', NULL)", "SELEKT"]].enumerated() {
        let error = try failure(of: "an invalid statement") {
          try connection.executeAtomically(statements, operation: bench.operation)
        }
        try expect(error.code == .sql, "it failed with \(error.code): \(error.message)")
        guard let told = error.statement else { continue }
        try expect(told == index, "statement \(index) failed, but the reported index is \(told)")
      }
      try bench.expectRows(bench.specimen.cells, connection, "after statements, one of which failed")
    },
  ]
}

extension Bench {
  fileprivate var hasAtomic: Bool {
    get throws { try driver().extensionIDs.contains(DriverExtension.atomic.rawValue) }
  }
}

import BelayDrivers

extension Rule {
  /// 901 and 902: from load to close, seen from outside.
  static let life: [Rule] = [
    Rule(
      901, .life, "a whole life leaves no descriptor, no thread, no memory and no handler of a signal",
      limit: .seconds(120)
    ) { bench in
      let handlers = ProcessState.now().handlers
      try bench.fillWholly().close()
      try expectNothingLeft(30, "a whole life") { try live(bench) }
      try expect(ProcessState.now().handlers == handlers, "the handler of a signal is another one than before the load")
    },

    Rule(902, .life, "nothing is written to stdout or stderr, in good calls and in bad ones") { bench in
      try bench.fillWholly().close()
      try live(bench)
      _ = try failure(of: "opening what does not exist") { _ = try bench.open("nothing") }
    },
  ]

  private static func live(_ bench: Bench) throws {
    let connection = try bench.open()
    _ = try connection.describe()
    _ = try bench.content(connection)
    _ = try failure(of: "a wrong statement") { try connection.execute("SELEKT", operation: bench.operation) }
    _ = try failure(of: "a wrong query") { _ = try connection.values("SELEKT", operation: bench.operation) }
    _ = try failure(of: "an INSERT of a key that exists") {
      try bench.insert([bench.specimen.cells[0]], into: connection)
    }
    if connection.traits.hasTransactions {
      try connection.execute(connection.traits.begin, operation: bench.operation)
      try bench.insert([new], into: connection)
      try connection.execute(connection.traits.rollback, operation: bench.operation)
    }
    connection.close()
  }
}

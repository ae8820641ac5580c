import BelayDrivers

extension Rule {
  /// 901 and 902: from load to close, as seen from outside.
  static let life: [Rule] = [
    Rule(
      901, .life, "from load to close, nothing is left behind: descriptors, threads, memory, signal handlers",
      limit: .seconds(120)
    ) { bench in
      let before = ProcessState.now()
      try bench.fillWholly().close()
      try expectNothingLeft(30, "from load to close") { try live(bench) }
      if let changed = ProcessState.now().changedHandler(since: before) {
        throw Broken("between loading the driver and closing its last connection, \(changed), and not given back")
      }
    },

    Rule(902, .life, "nothing is written to stdout or stderr, by successful or failed calls") { bench in
      try bench.fillWholly().close()
      try live(bench)
      _ = try failure(of: "opening a missing database") { _ = try bench.open("nothing") }
    },
  ]

  private static func live(_ bench: Bench) throws {
    let connection = try bench.open()
    _ = try connection.describe()
    _ = try bench.content(connection)
    _ = try failure(of: "an invalid statement") { try connection.execute("SELEKT", operation: bench.operation) }
    _ = try failure(of: "an invalid query") { _ = try connection.values("SELEKT", operation: bench.operation) }
    _ = try failure(of: "an INSERT of a duplicate key") {
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

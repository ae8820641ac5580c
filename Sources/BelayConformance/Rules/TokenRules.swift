import BelayDrivers

extension Rule {
  /// 761 to 763: belay.token/1.
  static let token: [Rule] = [
    Rule(
      761, .token, "a view does not change while others write, on all connections that adopt it, until they release it"
    ) { bench in
      let (first, second, writer) = (try bench.fill(), try bench.open(), try bench.open())
      let before = try bench.content(first)
      let token = try acquire(first, bench)
      try bench.insert([new], into: writer)
      for statement in bench.specimen.schema { try writer.execute(statement, operation: bench.operation) }
      try second.adopt(token: token, operation: bench.operation)
      try bench.expectContent(before, first, "with the token, after others have written")
      try bench.expectContent(before, second, "with the adopted token, after others have written")
      let after = try bench.content(writer)
      try expect(after != before, "the writer does not see its own rows")
      try second.releaseToken(operation: bench.operation)
      try first.releaseToken(operation: bench.operation)
      try bench.expectContent(after, first, "released")
      try bench.expectContent(after, second, "released")
    },

    Rule(762, .token, "a dump with a token has the content of its instant") { bench in
      try bench.needs(.snapshot)
      let (source, writer) = (try bench.fill(), try bench.open())
      let token = try acquire(source, bench)
      try bench.insert([new], into: writer)
      let format = try bench.format(source)
      let bytes = try bench.dump(source, format, token: token)
      let copy = try bench.create("copy")
      try copy.restoreDump(format.name, operation: bench.operation, from: pieces(of: bytes))
      try bench.expectRows(bench.specimen.cells, copy, "restored from a dump with a token")
    },

    Rule(763, .token, "closing the connection ends its view, and an unknown token is refused") { bench in
      let first = try bench.fill()
      _ = try acquire(first, bench)
      first.close()
      let second = try bench.open()
      _ = try failure(of: "adopting an unknown token") {
        try second.adopt(token: "no such token", operation: bench.operation)
      }
      try bench.insert([new], into: second)
      try bench.expectRows(bench.specimen.cells + [new], second, "after the end of the view")
    },
  ]

  private static func acquire(_ connection: Connection, _ bench: Bench) throws -> String {
    guard let token = try connection.acquireToken(operation: bench.operation) else {
      throw Broken("it returns no token")
    }
    return token
  }
}

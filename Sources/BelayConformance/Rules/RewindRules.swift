import BelayDrivers

extension Rule {
  /// 801: belay.rewind/1.
  static let rewind: [Rule] = [
    Rule(
      801, .rewind,
      "rewind to a bookmark restores the state of that moment, and the bookmark that it returns undoes this"
    ) { bench in
      let connection = try bench.fill()
      let before = try bench.content(connection)
      guard let mark = try connection.markPresent(operation: bench.operation) else {
        throw Broken("it returns no bookmark")
      }
      try bench.insert([new], into: connection)
      for statement in bench.specimen.schema { try connection.execute(statement, operation: bench.operation) }
      let after = try bench.content(connection)
      let undo = try connection.rewind(to: mark, operation: bench.operation)
      try bench.expectContent(before, connection, "after the rewind")
      _ = try connection.rewind(to: undo, operation: bench.operation)
      try bench.expectContent(after, connection, "after undoing the rewind")
      _ = try failure(of: "rewinding to an unknown bookmark") {
        _ = try connection.rewind(to: "no such bookmark", operation: bench.operation)
      }
    }
  ]
}

import BelayDrivers

extension Rule {
  /// 801: belay.rewind/1.
  static let rewind: [Rule] = [
    Rule(801, .rewind, "going back to a mark brings back what was there, and its own bookmark undoes that") { bench in
      let connection = try bench.fill()
      let before = try bench.content(connection)
      guard let mark = try connection.markPresent(operation: bench.operation) else { throw Broken("it gives no mark") }
      try bench.insert([new], into: connection)
      for statement in bench.specimen.schema { try connection.execute(statement, operation: bench.operation) }
      let after = try bench.content(connection)
      let undo = try connection.rewind(to: mark, operation: bench.operation)
      try bench.expectContent(before, connection, "back at the mark")
      _ = try connection.rewind(to: undo, operation: bench.operation)
      try bench.expectContent(after, connection, "with that undone")
      _ = try failure(of: "going back to a bookmark of nobody") {
        _ = try connection.rewind(to: "no such bookmark", operation: bench.operation)
      }
    }
  ]
}

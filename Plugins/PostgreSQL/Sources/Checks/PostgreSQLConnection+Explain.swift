import BelayDriverKit

extension PostgreSQLConnection: Explaining {
  func explain(_ sql: String, operation: Operation) throws(DriverFailure) -> [PlanStep] {
    let statement = try Self.onlyStatement(sql)
    try shapeForReading(operation)
    // The planner calls functions that are declared IMMUTABLE, whatever they do.
    let reply = try reading(operation, isOfOthers: true) { (link) throws(DriverFailure) in
      try link.run("EXPLAIN (FORMAT JSON, VERBOSE) \(statement)", operation: operation)
    }
    guard let tree = JSONTree.read(reply.rows.map { $0.first.flatMap { $0 } ?? "" }.joined(separator: "\n")) else {
      throw DriverFailure(.internal, "the server's plan could not be read")
    }
    var steps: [PlanStep] = []
    for plan in tree.items { Self.walk(plan["Plan"], depth: 0, into: &steps) }
    return steps
  }

  /// "EXPLAIN a; b" would run b.
  private static func onlyStatement(_ sql: String) throws(DriverFailure) -> String {
    let bytes = Array(sql.utf8)
    let range: Range<Int>? = bytes.withUnsafeBytes { bytes in
      var reader = ScriptReader(bytes)
      guard let first = reader.next(), first.kind == .statement, reader.next() == nil else { return nil }
      return first.start..<first.end
    }
    guard let range else { throw DriverFailure(.invalid, "a query plan is made for exactly one statement") }
    return String(decoding: bytes[range], as: UTF8.self)
  }

  private static func walk(_ plan: SyntaxNode, depth: Int, into steps: inout [PlanStep]) {
    let type = plan["Node Type"].text ?? ""
    var detail = type
    if let index = plan["Index Name"].text { detail += " using \(index)" }
    var step = PlanStep(
      depth: depth, detail: detail, isFullScan: type == "Seq Scan", rows: plan["Plan Rows"].number)
    if let name = plan["Relation Name"].text {
      step.table = plan["Schema"].text.map { "\($0).\(name)" } ?? name
      step.detail += " on \(step.table ?? name)"
    }
    for condition in ["Index Cond", "Hash Cond", "Merge Cond", "Join Filter", "Filter"] {
      if let text = plan[condition].text { step.detail += ", \(condition.lowercased()) \(text)" }
    }
    steps.append(step)
    for child in plan["Plans"].items { walk(child, depth: depth + 1, into: &steps) }
  }
}

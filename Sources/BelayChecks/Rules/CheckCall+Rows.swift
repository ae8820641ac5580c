import BelayBase
import BelayDatabase
import BelayDrivers

/// Rules that SQL can count in every engine: with comparisons, IS NULL, GROUP BY, HAVING and LEFT JOIN alone.
extension CheckCall {
  func notNull(_ table: String, _ columns: [String]) throws(Unmeasured) -> Measurement {
    let relation = try relation(table)
    let condition = try relation.quotedColumns(columns, traits).map { "\($0) IS NULL" }.joined(separator: " OR ")
    let count = try count("SELECT count(*) FROM \(relation.quoted(traits)) WHERE \(condition)")
    return Measurement(wrong: count, sample: count == 0 ? [] : sample(of: relation, where: condition))
  }

  func unique(_ table: String, _ columns: [String]) throws(Unmeasured) -> Measurement {
    let relation = try relation(table)
    let quoted = try relation.quotedColumns(columns, traits)
    let list = quoted.joined(separator: ", ")
    let groups =
      "FROM \(relation.quoted(traits)) WHERE \(quoted.map { "\($0) IS NOT NULL" }.joined(separator: " AND "))"
      + " GROUP BY \(list) HAVING count(*) > 1"
    let (copies, groupName) = (traits.quoted("copies"), traits.quoted("duplicates"))
    let row = try values(
      "SELECT sum(\(copies) - 1) FROM (SELECT count(*) AS \(copies) \(groups)) \(groupName)"
    ).first
    let surplus = Int(clamping: row?.first?.wholeNumber ?? 0)
    var found = Measurement(wrong: surplus, noun: "duplicate")
    guard surplus > 0, !isOver else { return found }
    if let rows = try? connection.values("SELECT \(list), count(*) \(groups) LIMIT 5", operation: operation()) {
      found.sample = rows.map { row in
        "\(row.dropLast().map(\.asText).joined(separator: ", ")): \(row.last?.asText ?? "") times"
      }
    }
    return found
  }

  func references(_ reference: CheckReference) throws(Unmeasured) -> Measurement {
    let from = try relation(reference.table)
    let to = try relation(reference.otherTable)
    let (one, other) = (traits.quoted("one"), traits.quoted("other"))
    let columns = try from.quotedColumns(reference.columns, traits).map { "\(one).\($0)" }
    let others = try to.quotedColumns(reference.otherColumns, traits).map { "\(other).\($0)" }
    let source =
      "\(from.quoted(traits)) \(one) LEFT JOIN \(to.quoted(traits)) \(other) ON "
      + zip(others, columns).map { "\($0) = \($1)" }.joined(separator: " AND ")
    let condition = (["\(others[0]) IS NULL"] + columns.map { "\($0) IS NOT NULL" }).joined(separator: " AND ")
    let count = try count("SELECT count(*) FROM \(source) WHERE \(condition)")
    return Measurement(
      wrong: count,
      sample: count == 0 ? [] : sample(of: from, where: condition, from: source, prefix: "\(one)."))
  }

  func rowCount(_ table: String, _ least: Int?, _ most: Int?) throws(Unmeasured) -> Measurement {
    let relation = try relation(table)
    let count = try count("SELECT count(*) FROM \(relation.quoted(traits))")
    let missing = least.map { max(0, $0 - count) } ?? 0
    let surplus = most.map { max(0, count - $0) } ?? 0
    let limits = [least.map { "at least \(Counted.rows($0))" }, most.map { "at most \(Counted.rows($0))" }]
    return Measurement(
      missing + surplus == 0 ? .none : .by(Double(missing + surplus)), figure: Counted.rows(count),
      threshold: limits.compactMap(\.self).joined(separator: ", "),
      number: CheckResult.Number(Double(count), least: least.map(Double.init), most: most.map(Double.init)))
  }
}

extension Value {
  /// Also of a sum, which some engines give as a decimal with places.
  fileprivate var wholeNumber: Int64? {
    integer ?? text.flatMap { Double($0) }.flatMap { Int64(exactly: $0.rounded()) }
      ?? { if case .real(let number) = self { Int64(exactly: number.rounded()) } else { nil } }()
  }
}

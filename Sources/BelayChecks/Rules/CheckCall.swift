import BelayBase
import BelayDatabase
import BelayDrivers

/// What measuring one rule works with: the database, and the time that is left.
struct CheckCall {
  let context: RunContext
  let subject: CheckSubject
  let name: String
  /// nil: no limit.
  let deadline: ContinuousClock.Instant?

  var traits: Traits { subject.traits }
  var connection: Connection { subject.connection }

  func operation() -> BelayDrivers.Operation {
    let narrator = context.narrator
    return context.statementOperation(
      "check \(name)", seconds: 0, most: deadline.map { max($0 - .now, .milliseconds(1)) },
      said: { narrator.tell(.log($0)) })
  }

  var isOver: Bool { deadline.map { $0 <= .now } ?? false || context.cancellation.isCancelled }

  func relation(_ name: String) throws(Unmeasured) -> Relation { try subject.relation(name, operation()) }

  func broken(_ error: any Error) -> Unmeasured {
    (error as? Unmeasured)
      ?? .broken(BelayError(any: error, doing: "cannot run the check \(name)", kind: .checkFailed))
  }

  /// All rows of a small result.
  func values(_ sql: String) throws(Unmeasured) -> [[Value]] {
    do { return try connection.values(sql, operation: operation()) } catch { throw broken(error) }
  }

  /// The first value of a query that returns one row.
  func count(_ sql: String) throws(Unmeasured) -> Int {
    Int(clamping: try values(sql).first?.first?.integer ?? 0)
  }

  /// The keys of the first rows; none where they cannot be told: they are only shown.
  func sample(of relation: Relation, where condition: String, from source: String? = nil, prefix: String = "")
    -> [String]
  {
    guard !relation.key.isEmpty, !isOver else { return [] }
    let key = relation.key.map { prefix + traits.quoted($0) }.joined(separator: ", ")
    let sql = "SELECT \(key) FROM \(source ?? relation.quoted(traits)) WHERE \(condition) LIMIT 5"
    do {
      return try connection.values(sql, operation: operation()).map { row in
        zip(relation.key, row).map { "\($0) \($1.asText)" }.joined(separator: ", ")
      }
    } catch {
      // An engine without LIMIT, such as it may be.
      return []
    }
  }
}

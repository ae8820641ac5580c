import BelayDrivers
import Testing

/// With the driver's own lock, and with the row in belay's own table.
@Suite("Contract: the lock")
struct LockTests {
  /// A driver that can make no tables has no place for the row.
  private static let lockable = ContractSubject.all.filter { $0.has(.lock) || !$0.schema.isEmpty }

  @Test("a lock excludes everybody else, who are told who holds it", arguments: lockable)
  func excludes(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let (holder, other) = (try bench.fill(), try bench.open())
    try holder.lock("belay", operation: bench.operation)
    let error = try bench.failure { try other.lock("belay", operation: bench.operation) }
    #expect(error.code == .busy)
    #expect(error.outcome == .notApplied)
    try other.lock("another", operation: bench.operation)
    try holder.unlock("belay", operation: bench.operation)
    try other.lock("belay", operation: bench.operation)
    #expect(try bench.failure { try holder.lock("belay", operation: bench.operation) }.code == .busy)
  }

  @Test(
    "the row in belay's own table names the holder and how to get rid of it",
    arguments: lockable.filter { !$0.has(.lock) })
  func row(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let (holder, other) = (try bench.fill(), try bench.open())
    try holder.lock("belay", operation: bench.operation)
    let error = try bench.failure { try other.lock("belay", operation: bench.operation) }
    #expect(error.message.hasPrefix("lock belay is held by process "), "\(error.message)")
    #expect(error.message.contains(" since 20"), "\(error.message)")
    #expect(error.hint?.contains("DELETE FROM \"belay_lock\" WHERE \"name\" = 'belay'") == true)
  }

  @Test("a lock is gone with its connection", arguments: ContractSubject.having(.lock))
  func goneWithConnection(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let (holder, other) = (try bench.fill(), try bench.open())
    try holder.lock("belay", operation: bench.operation)
    holder.close()
    try other.lock("belay", operation: bench.operation)
  }

  @Test("a lock survives transactions, and can be taken within one", arguments: ContractSubject.having(.lock))
  func survives(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let (holder, other) = (try bench.fill(), try bench.open())
    let traits = holder.traits
    try holder.execute(traits.begin, operation: bench.operation)
    try holder.lock("belay", operation: bench.operation)
    try holder.execute(traits.rollback, operation: bench.operation)
    #expect(try bench.failure { try other.lock("belay", operation: bench.operation) }.code == .busy)
    try holder.execute(traits.begin, operation: bench.operation)
    try holder.execute(traits.commit, operation: bench.operation)
    #expect(try bench.failure { try other.lock("belay", operation: bench.operation) }.code == .busy)
    try bench.insert([[.text("new"), .null]], into: other)
    #expect(try bench.rows(other).count == subject.rows.count + 1, "it keeps out migrators, not writers")
  }
}

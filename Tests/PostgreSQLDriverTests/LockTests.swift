import BelayDrivers
import DriverTesting
import Testing

@Suite struct LockTests {
  @Test func `a lock survives whatever happens to the connection's transactions, and its holder is named`() throws {
    let sample = try Sample()
    let (holder, other) = (try sample.connect(), try sample.connect())
    try holder.lock("belay", operation: Operation())
    try holder.lock("belay", operation: Operation())
    try holder.run("BEGIN")
    #expect(throws: DriverError.self) { try holder.run("SELECT 1/0") }
    try holder.run("ROLLBACK; DISCARD ALL")
    let error = try failure { try other.lock("belay", operation: Operation()) }
    #expect(error.code == .busy)
    #expect(
      error.message.wholeMatch(
        of: /lock belay is held by server process \d+ of postgres \(belay\), connected since 20[-\d]+T[:\d]+Z/) != nil,
      "\(error.message)")
    try holder.unlock("belay", operation: Operation())
    try other.lock("belay", operation: Operation())
    #expect(try failure { try holder.unlock("belay", operation: Operation()) }.code == .invalid)
  }

  @Test func `a lock whose session was ended is free for others, and can be given back`() throws {
    let sample = try Sample()
    let (holder, other) = (try sample.connect(), try sample.connect())
    try holder.lock("belay", operation: Operation())
    try sample.psql(
      "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())"
    )
    try eventually {
      do {
        try other.lock("belay", operation: Operation())
        return true
      } catch let error as DriverError where error.code == .busy {
        return false
      }
    }
    try holder.unlock("belay", operation: Operation())
  }

  @Test func `a lock of one database is none of another`() throws {
    let (one, other) = (try Sample(), try Sample())
    let (first, second) = (try one.connect(), try other.connect())
    try first.lock("belay", operation: Operation())
    try second.lock("belay", operation: Operation())
  }
}

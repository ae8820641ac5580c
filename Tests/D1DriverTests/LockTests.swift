import BelayDrivers
import DriverTesting
import Foundation
import Testing

@Suite("D1: the lock") struct LockTests {
  @Test("the lock of a process that is gone from this machine is taken over; one of another machine ends with its time")
  func gone() throws {
    let subject = try Subject()
    let database = try subject.make("CREATE TABLE t (a)")
    let (first, second) = (try subject.open(database.name), try subject.open(database.name))
    try first.lock("belay", operation: Operation())
    let held = try failure { try second.lock("belay", operation: Operation()) }
    #expect(held.message.contains("process \(ProcessInfo.processInfo.processIdentifier) on "))
    // Another start time: the number was given to another process since.
    try database.sql(
      "UPDATE belay_locks SET holder = replace(holder, '|\(ProcessInfo.processInfo.processIdentifier)|', '|2147480000|')"
    )
    try second.lock("belay", operation: Operation())
    try database.sql("UPDATE belay_locks SET holder = 'process 1 on elsewhere|other|1|1|x'")
    #expect(
      try failure {
        try first.lock("another", operation: Operation());
        try subject.open(database.name).lock("belay", operation: Operation())
      }.code == .busy)
    try database.sql("UPDATE belay_locks SET until = 1")
    try subject.open(database.name).lock("belay", operation: Operation())
  }

  @Test("the lock is still held after going back to before it was taken")
  func afterRewind() throws {
    let subject = try Subject()
    let database = try subject.make("CREATE TABLE t (a)")
    let (holder, other) = (try subject.open(database.name), try subject.open(database.name))
    let mark = try #require(try holder.markPresent(operation: Operation()))
    try holder.lock("belay", operation: Operation())
    _ = try holder.rewind(to: mark, operation: Operation())
    #expect(try failure { try other.lock("belay", operation: Operation()) }.code == .busy)
  }
}

import BelayDrivers
import DriverTesting
import Foundation
import Testing

struct LockTests {
  @Test("one connection holds a lock, and the other one gets the holder's name")
  func exclusive() throws {
    let sample = try Sample("CREATE TABLE t(a);")
    let (first, second) = (try sample.connect(), try sample.connect())
    try first.lock("migrate", operation: Operation())
    let error = #expect(throws: DriverError.self) { try second.lock("migrate", operation: Operation()) }
    #expect(error?.code == .busy)
    #expect(error?.message.contains("process \(ProcessInfo.processInfo.processIdentifier)") == true)
    try second.lock("other", operation: Operation())
    try first.unlock("migrate", operation: Operation())
    try second.lock("migrate", operation: Operation())
    second.close()
    #expect(try sample.files == ["app.db"])
    try first.lock("migrate", operation: Operation())
  }

  @Test("a lock survives transactions and statements, and takes no lock of SQLite's")
  func transactions() throws {
    let sample = try Sample("CREATE TABLE t(a);")
    let connection = try sample.connect()
    try connection.run("BEGIN IMMEDIATE")
    try connection.lock("migrate", operation: Operation())
    try connection.run("ROLLBACK")
    let other = try sample.connect()
    #expect(throws: DriverError.self) { try other.lock("migrate", operation: Operation()) }
    try other.run("INSERT INTO t VALUES(1)")
  }

  @Test("the lock of a process that is gone is gone, though its file is there")
  func stale() throws {
    let sample = try Sample("CREATE TABLE t(a);")
    try sample.folder.file(".app.db.belay-lock-migrate", "99999999\n")
    try sample.connect().lock("migrate", operation: Operation())
  }

  @Test("a name that would climb out of the folder is refused", arguments: ["../x", "a/b", "a b", "é"])
  func badName(_ name: String) throws {
    let sample = try Sample("CREATE TABLE t(a);")
    defer { sample.keep() }
    let connection = try sample.connect()
    let error = #expect(throws: DriverError.self) { try connection.lock(name, operation: Operation()) }
    #expect(error?.code == .invalid)
  }
}

import BelayDrivers
import DriverTesting
import Foundation
import Testing

@Suite("D1: Time Travel") struct TimeTravelTests {
  @Test("back, and forth again")
  func backAndForth() throws {
    let subject = try Subject()
    let database = try subject.make("CREATE TABLE t (a)")
    let connection = try subject.open(database.name)
    let before = try content(database)
    let mark = try #require(try connection.markPresent(operation: Operation()))
    try connection.run("INSERT INTO t VALUES (1)")
    let after = try content(database)
    let undo = try connection.rewind(to: mark, operation: Operation())
    #expect(try content(database) == before)
    _ = try connection.rewind(to: undo, operation: Operation())
    #expect(try content(database) == after)
    #expect(try failure { _ = try connection.rewind(to: "no bookmark", operation: Operation()) }.code == .invalid)
  }

  @Test("a mark within an instant is that instant's")
  func instant() throws {
    let subject = try Subject()
    let database = try subject.make("CREATE TABLE t (a)")
    let connection = try subject.open(database.name)
    let before = try content(database)
    _ = try connection.acquireToken(operation: Operation())
    try database.sql("INSERT INTO t VALUES (1)")
    let mark = try #require(try connection.markPresent(operation: Operation()))
    try connection.releaseToken(operation: Operation())
    _ = try connection.rewind(to: mark, operation: Operation())
    #expect(try content(database) == before)
  }

  @Test("a lost answer to going back is no second going back", arguments: [false, true])
  func lost(workDone: Bool) throws {
    let subject = try Subject()
    let database = try subject.make("CREATE TABLE t (a)")
    let connection = try subject.open(database.name)
    let before = try content(database)
    let mark = try #require(try connection.markPresent(operation: Operation()))
    try connection.run("INSERT INTO t VALUES (1)")
    let after = try content(database)
    try subject.account.arm(FakeD1Fault(.cut, .restore, workDone: workDone))
    let undo = try connection.rewind(to: mark, operation: Operation())
    #expect(try content(database) == before)
    _ = try connection.rewind(to: undo, operation: Operation())
    #expect(try content(database) == after)
  }

  @Test("a moment is found; one outside the window is refused")
  func moments() throws {
    let subject = try Subject()
    let database = try subject.make("CREATE TABLE t (a)")
    let connection = try subject.open(database.name)
    let now = Int64(Date().timeIntervalSince1970 * 1000)
    #expect(try connection.mark(atMilliseconds: now, operation: Operation()) == database.bookmarks().last)
    #expect(throws: DriverError.self) {
      try connection.mark(atMilliseconds: now - 40 * 86_400_000, operation: Operation())
    }
  }

  @Test("D1's own export is checked, and comes first where it is asked for")
  func export() throws {
    let subject = try Subject()
    let database = try subject.make(
      """
      CREATE TABLE c (p REFERENCES p(id)); CREATE TABLE p (id INTEGER PRIMARY KEY, x);
      INSERT INTO p VALUES (1, 'a'), (2, NULL); INSERT INTO c VALUES (2);
      CREATE VIRTUAL TABLE f USING fts5(x);
      """)
    let connection = try subject.open(database.name, ["native": "export"])
    #expect(connection.formats().map(\.name) == ["d1_export", "d1_copy", "sqlite_db"])
    let bytes = try connection.dumped("d1_export")
    #expect(String(decoding: bytes, as: UTF8.self).contains("INSERT INTO \"p\""))
    let copy = try subject.make()
    try subject.open(copy.name).restore(bytes, "d1_export")
    #expect(try copy.sql("SELECT * FROM p ORDER BY id") == [["1", "'a'"], ["2", "NULL"]])
    for fault in [
      FakeD1Fault(.corrupt, .download, times: nil), FakeD1Fault(.short, .download, times: nil),
      FakeD1Fault(.wrongETag, .download, times: nil), FakeD1Fault(.missingETag, .download, times: nil),
      FakeD1Fault(.expiredURL, .download, times: nil),
    ] {
      try subject.account.arm(fault)
      #expect(throws: DriverError.self) { try connection.dumped("d1_export") }
      try subject.account.disarm()
    }
    #expect(try subject.account.counts()["credentials_leaked", default: 0] == 0)
  }
}

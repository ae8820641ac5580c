import BelayDrivers
import DriverTesting
import Foundation
import Testing

struct SnapshotTests {
  @Test("a dump is a whole database, and restores into a new one", arguments: ["DELETE", "WAL"])
  func roundTrip(_ mode: String) throws {
    let sample = try Sample("PRAGMA journal_mode=\(mode);" + CatalogTests.zoo)
    let source = try sample.connect()
    let dump = try source.dumped()
    try source.verify(dump)
    let restored = try BuiltDriver.open(sample.folder("restored.db"), ["create": "1"])
    try restored.restore(dump)
    #expect(try restored.catalog(operation: Operation()) == source.catalog(operation: Operation()))
    restored.close()
    let printed = try Shell.run(sample.folder("restored.db"), CatalogTests.fingerprint)
    #expect(try printed == Shell.run(sample.path, CatalogTests.fingerprint))
  }

  @Test("a database of no bytes is dumped, proven and restored like any other")
  func noBytes() throws {
    let sample = try Sample("")
    try Data().write(to: URL(filePath: sample.path))
    let connection = try sample.connect()
    let dump = try connection.dumped()
    #expect(!dump.isEmpty)
    try connection.verify(dump)
    let full = try Sample("CREATE TABLE t(a);")
    try full.connect().restore(dump)
    #expect(try full.connect().catalog(operation: Operation()).tables.isEmpty)
    try connection.restore(dump)
    #expect(try connection.catalog(operation: Operation()).tables.isEmpty)
  }

  @Test("restore removes what the dump does not have, and the file stays the same file", arguments: ["DELETE", "WAL"])
  func replaces(_ mode: String) throws {
    let sample = try Sample("CREATE TABLE keep(a); INSERT INTO keep VALUES(1);")
    let connection = try sample.connect()
    let dump = try connection.dumped()
    try connection.run("PRAGMA journal_mode=\(mode)")
    try connection.run("CREATE TABLE later(b); INSERT INTO later VALUES(zeroblob(100000)); DELETE FROM keep")
    let inode = try FileManager.default.attributesOfItem(atPath: sample.path)[.systemFileNumber] as? Int
    try connection.restore(dump)
    #expect(try connection.rows("SELECT name FROM sqlite_schema") == [[.text("keep")]])
    #expect(try connection.first("SELECT a FROM keep") == .integer(1))
    #expect(try connection.first("PRAGMA journal_mode") == .text(mode.lowercased()))
    #expect(try FileManager.default.attributesOfItem(atPath: sample.path)[.systemFileNumber] as? Int == inode)
    #expect(try connection.first("PRAGMA integrity_check") == .text("ok"))
  }

  @Test(
    "restore fits any page size, into any journal mode",
    arguments: [512, 4096, 65536], ["DELETE", "WAL"])
  func pageSizes(_ size: Int, _ mode: String) throws {
    let source = try Sample(
      """
      PRAGMA page_size=\(size); PRAGMA journal_mode=WAL;
      CREATE TABLE t(a); WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<2000)
      INSERT INTO t(rowid, a) SELECT i*7, hex(randomblob(100)) FROM n;
      """)
    let target = try Sample("PRAGMA page_size=1024; PRAGMA journal_mode=\(mode); CREATE TABLE old(a);")
    let connection = try target.connect()
    try connection.restore(try source.connect().dumped())
    #expect(try connection.first("PRAGMA integrity_check") == .text("ok"))
    #expect(try connection.first("PRAGMA journal_mode") == .text(mode.lowercased()))
    connection.close()
    let sums = "SELECT count(*), sum(rowid), max(a) FROM t;"
    #expect(try Shell.run(target.path, sums) == Shell.run(source.path, sums))
  }

  @Test("restore changes the encoding too", arguments: ["UTF-8", "UTF-16le"], ["UTF-8", "UTF-16be"])
  func encodings(_ from: String, _ to: String) throws {
    let source = try Sample("PRAGMA encoding='\(from)'; CREATE TABLE t(a); INSERT INTO t VALUES('☃');")
    let target = try Sample("PRAGMA encoding='\(to)'; CREATE TABLE u(a);")
    let connection = try target.connect()
    try connection.restore(try source.connect().dumped())
    #expect(
      try connection.rows("SELECT a, (SELECT encoding FROM pragma_encoding) FROM t") == [[.text("☃"), .text(from)]])
  }

  enum Damage: String, CaseIterable, Sendable { case empty, cutInPage, cutAtPage, flippedInIndex, noDatabase }

  @Test("a damaged dump is refused by verify and restore, and the database stays", arguments: Damage.allCases)
  func damaged(_ damage: Damage) throws {
    let sample = try Sample(
      """
      CREATE TABLE t(a); CREATE INDEX i ON t(a);
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i+1 FROM n WHERE i<5000) INSERT INTO t SELECT hex(i*i) FROM n;
      """)
    let connection = try sample.connect()
    var dump = try connection.dumped()
    switch damage {
    case .empty: dump = []
    case .cutInPage: dump.removeLast(1000)
    case .cutAtPage: dump.removeLast(4096 * 3)
    case .flippedInIndex: for index in 1..<dump.count / 4096 { dump[index * 4096] = 0x55 }
    case .noDatabase: dump = Array("a letter to my aunt".utf8) + dump
    }
    let verifying = #expect(throws: DriverError.self) { try connection.verify(dump) }
    #expect(verifying?.code == .corrupt)
    let restoring = #expect(throws: DriverError.self) { try connection.restore(dump) }
    #expect(restoring?.code == .corrupt)
    #expect(restoring?.outcome == .notApplied)
    #expect(try connection.first("SELECT count(*) FROM t") == .integer(5000))
    #expect(try sample.files == ["app.db"])
  }

  @Test("an index that does not agree with its table speaks against the database, and not against a copy of it")
  func indexDisagrees() throws {
    let sample = try Sample("CREATE TABLE t(a); CREATE INDEX i ON t(a); INSERT INTO t VALUES(1),(2),(3);")
    try Shell.run(
      sample.path,
      """
      .dbconfig defensive off
      PRAGMA writable_schema=ON; UPDATE sqlite_schema SET sql='CREATE INDEX i ON t(-a)' WHERE name='i';
      """)
    let connection = try sample.connect()
    try connection.verify(connection.dumped())
    let findings = try connection.integrity(full: true, operation: Operation())
    #expect(findings?.allSatisfy { $0.check == "index" && $0.object == "i" } == true)
    #expect(findings?.isEmpty == false)
  }

  @Test("copies lie in scratch_dir and are gone afterwards")
  func copiesGo() throws {
    let sample = try Sample("CREATE TABLE t(a);")
    let scratch = try sample.folder.folder("scratch")
    let connection = try sample.connect(["scratch_dir": scratch])
    let token = try #require(try connection.acquireToken(operation: Operation()))
    #expect(token.hasPrefix(scratch + "/"))
    _ = try connection.dumped(token: token)
    try connection.releaseToken(operation: Operation())
    try connection.verify(try connection.dumped())
    #expect(try FileManager.default.contentsOfDirectory(atPath: scratch).isEmpty)
  }
}

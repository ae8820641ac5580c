import BelayDrivers
import DriverTesting
import Foundation
import Testing

struct OpeningTests {
  @Test("a file that does not exist is not found, and is not made")
  func noFile() throws {
    let sample = try Sample()
    let error = #expect(throws: DriverError.self) { try sample.connect() }
    #expect(error?.code == .notFound)
    #expect(error?.message.contains("app.db") == true)
    #expect(try sample.files.isEmpty)
  }

  @Test("create makes a database, and refuses one that holds something")
  func create() throws {
    let sample = try Sample()
    let made = try sample.connect(["create": "1"])
    try made.run("CREATE TABLE t(a)")
    made.close()
    let error = #expect(throws: DriverError.self) { try sample.connect(["create": "1"]) }
    #expect(error?.code == .constraint)
  }

  @Test("a file that is not a database is reported as such")
  func noDatabase() throws {
    let sample = try Sample()
    try sample.folder.file("app.db", String(repeating: "this is a letter to my aunt\n", count: 100))
    let error = #expect(throws: DriverError.self) { try sample.connect() }
    #expect(error?.code == .corrupt)
    #expect(error?.message.contains("not a SQLite database") == true)
  }

  @Test("a damaged database is reported as such")
  func damaged() throws {
    let sample = try Sample("CREATE TABLE t(a); INSERT INTO t VALUES(1);")
    let handle = try #require(FileHandle(forWritingAtPath: sample.path))
    try handle.seek(toOffset: 100)
    try handle.write(contentsOf: Data(repeating: 0xa5, count: 300))
    try handle.close()
    let error = #expect(throws: DriverError.self) { try sample.connect() }
    #expect(error?.code == .corrupt)
  }

  @Test("a database that another program has locked is busy, and stays as it is")
  func locked() throws {
    let sample = try Sample("CREATE TABLE t(a);")
    let other = try sample.connect()
    try other.run("BEGIN EXCLUSIVE")
    let error = #expect(throws: DriverError.self) { try sample.connect(["busy_timeout_ms": "50"]) }
    #expect(error?.code == .busy)
    #expect(error?.outcome == .notApplied)
    try other.run("COMMIT")
    let mine = try sample.connect(["busy_timeout_ms": "50"])
    try other.run("BEGIN IMMEDIATE")
    let writing = #expect(throws: DriverError.self) { try mine.run("INSERT INTO t VALUES(1)") }
    #expect(writing?.code == .busy)
    #expect(writing?.outcome == .notApplied)
  }

  @Test("read_only writes nothing, and says so in its traits")
  func readOnly() throws {
    let sample = try Sample("CREATE TABLE t(a);")
    let connection = try sample.connect(["read_only": "1"])
    #expect(connection.traits.isReadOnly)
    let error = #expect(throws: DriverError.self) { try connection.run("INSERT INTO t VALUES(1)") }
    #expect(error?.code == .denied)
  }

  @Test("two URLs of one file are one identity")
  func identity() throws {
    let sample = try Sample("CREATE TABLE t(a);", name: "an app.db")
    let link = sample.folder("link.db")
    try FileManager.default.createSymbolicLink(atPath: link, withDestinationPath: sample.path)
    let encoded = sample.path.replacingOccurrences(of: " ", with: "%20")
    let driver = try BuiltDriver.load()
    let identities = try ["sqlite:" + sample.path, "sqlite://" + sample.path, "file:" + encoded, "sqlite:" + link].map {
      try driver.open($0, options: [], operation: Operation()).traits.identity
    }
    #expect(Set(identities) == ["sqlite:" + sample.path])
  }

  @Test(
    "what names no file is refused", arguments: ["sqlite::memory:", "sqlite:", "sqlite://host/a.db", "file:/a?mode=ro"])
  func badURL(_ url: String) throws {
    let driver = try BuiltDriver.load()
    let error = #expect(throws: DriverError.self) { try driver.open(url, options: [], operation: Operation()) }
    #expect(error?.code == .invalid)
  }

  @Test("an option that the driver does not know is refused")
  func unknownOption() throws {
    let sample = try Sample("CREATE TABLE t(a);")
    let error = #expect(throws: DriverError.self) { try sample.connect(["colour": "red"]) }
    #expect(error?.code == .invalid)
    #expect(error?.message.contains("colour") == true)
  }

  @Test("foreign keys are enforced, unless asked not to be")
  func foreignKeys() throws {
    let sample = try Sample("CREATE TABLE p(id INTEGER PRIMARY KEY); CREATE TABLE c(p REFERENCES p);")
    let strict = try sample.connect()
    let error = #expect(throws: DriverError.self) { try strict.run("INSERT INTO c VALUES(7)") }
    #expect(error?.code == .constraint)
    try sample.connect(["foreign_keys": "off"]).run("INSERT INTO c VALUES(7)")
    #expect(try strict.first("SELECT count(*) FROM c") == .integer(1))
  }
}

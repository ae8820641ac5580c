import BelayDrivers
import DriverTesting
import Foundation
import Testing

/// Throw-away databases: made, found, dropped.
@Suite struct ScratchTests {
  private let server: PostgreSQLServer
  init() throws { server = try PostgreSQLServer.shared() }

  @Test func `a scratch is like its target, and says what it is`() throws {
    let name = PostgreSQLServer.freshName()
    try server.psql("CREATE DATABASE \(name) TEMPLATE template0 ENCODING 'SQL_ASCII' LC_COLLATE 'C' LC_CTYPE 'C'")
    defer { try? server.dropDatabase(name) }
    let connection = try BuiltDriver.open(name)
    defer { connection.close() }
    let url = try connection.createScratch(name: "run-1", operation: .init())
    defer { try? connection.dropScratch(url, operation: .init()) }
    #expect(try connection.locateScratch(name: "run-1", operation: .init()) == url)
    let scratch = try BuiltDriver.postgresql.get().open(url, options: [], operation: .init())
    let database = try #require(try scratch.first("SELECT current_database()").text)
    #expect(database.hasPrefix("belay_run-1_"))
    scratch.close()
    let shape = "pg_encoding_to_char(encoding), datcollate, datctype, dattablespace, datallowconn, datdba"
    #expect(
      try server.psql("SELECT \(shape) FROM pg_database WHERE datname = '\(database)'")
        == server.psql("SELECT \(shape) FROM pg_database WHERE datname = '\(name)'"))
    #expect(
      try server.psql("SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = '\(database)'")
        .hasPrefix("belay scratch database of \(name)"))
    let again = try failure { _ = try connection.createScratch(name: "run-1", operation: .init()) }
    #expect(again.code == .constraint)
  }

  @Test func `an ICU locale is kept where the server has one`() throws {
    let name = PostgreSQLServer.freshName()
    let major = try #require(Int(server.psql("SHOW server_version_num"))) / 10000
    guard major >= 15 else { return }
    try server.psql("CREATE DATABASE \(name) TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'de-AT'")
    defer { try? server.dropDatabase(name) }
    let connection = try BuiltDriver.open(name)
    defer { connection.close() }
    let url = try connection.createScratch(name: "icu", operation: .init())
    let column = major >= 17 ? "datlocale" : "daticulocale"
    #expect(
      try server.psql("SELECT count(*) FROM pg_database WHERE \(column) = 'de-AT' AND datlocprovider = 'i'") == "2")
    try connection.dropScratch(url, operation: .init())
  }

  @Test func `a scratch is dropped although somebody is in it, and where it is gone already`() throws {
    let sample = try Sample()
    let connection = try sample.connect()
    defer { connection.close() }
    let url = try connection.createScratch(name: "x", operation: .init())
    let inside = try BuiltDriver.postgresql.get().open(url, options: [], operation: .init())
    defer { inside.close() }
    let name = try #require(inside.first("SELECT current_database()").text)
    #expect(try server.databases().contains(name))
    try connection.dropScratch(url, operation: .init())
    try connection.dropScratch(url, operation: .init())
    #expect(try !server.databases().contains(name))
  }

  @Test func `only a scratch of this database is dropped or promoted`() throws {
    let (sample, other) = (try Sample(), try Sample())
    let connection = try sample.connect()
    let theirs = try other.connect()
    defer { connection.close(); theirs.close() }
    let foreign = try theirs.createScratch(name: "x", operation: .init())
    for url in [
      foreign, server.url(other.name), server.url("postgres"), server.url("belay_x"), server.url(sample.name),
    ] {
      #expect(try failure { try connection.dropScratch(url, operation: .init()) }.code == .invalid, "\(url)")
      #expect(try failure { try connection.promote(url, operation: .init()) }.code == .invalid, "\(url)")
    }
    try theirs.dropScratch(foreign, operation: .init())
    let missing = try connection.locateScratch(name: "none", operation: .init())
    #expect(try failure { try connection.promote(missing, operation: .init()) }.code == .notFound)
  }

  @Test func `names are safe, distinct and short enough`() throws {
    let sample = try Sample()
    let connection = try sample.connect()
    defer { connection.close() }
    for name in ["", "../x", "a b", "ä", "a\"b"] {
      #expect(try failure { _ = try connection.createScratch(name: name, operation: .init()) }.code == .invalid)
    }
    let long = String(repeating: "x", count: 150)
    let urls = try [long + "1", long + "2"].map { try connection.createScratch(name: $0, operation: .init()) }
    #expect(Set(urls).count == 2)
    for url in urls { try connection.dropScratch(url, operation: .init()) }
  }

  @Test func `a role that does not own the database gets an error before anything is created`() throws {
    let role = PostgreSQLServer.freshName("role")
    let sample = try Sample("CREATE ROLE \(role) LOGIN CREATEDB")
    let connection = try sample.connect(user: role)
    defer { connection.close() }
    let error = try failure { _ = try connection.createScratch(name: "x", operation: .init()) }
    #expect(error.code == .denied)
    #expect(error.message.contains("does not own"))
  }

  @Test func `a URL of another form gives a scratch as well`() throws {
    let sample = try Sample()
    let url = "postgresql:///?host=\(server.folder)&user=postgres&dbname=\(sample.name)"
    let connection = try BuiltDriver.postgresql.get().open(url, options: [], operation: .init())
    defer { connection.close() }
    let scratch = try connection.createScratch(name: "x", operation: .init())
    let opened = try BuiltDriver.postgresql.get().open(scratch, options: [], operation: .init())
    #expect(try opened.first("SELECT current_database() LIKE 'belay_x_%'") == .bool(true))
    opened.close()
    try connection.dropScratch(scratch, operation: .init())
  }
}

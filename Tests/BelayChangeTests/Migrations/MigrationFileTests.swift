import BelayBase
import CoreTesting
import Foundation
import SystemPackage
import Testing

@testable import BelayChange

@Suite("Reading the migrations folder")
struct MigrationFileTests {
  @Test("files are ordered by number, then by name, those without a number last")
  func order() {
    let names = ["10_c.sql", "zzz.sql", "0002_b.sql", "2_a.sql", "001_z.sql", "20261120_x.sql", "alpha.sql"]
    #expect(
      names.sorted(by: MigrationFile.precedes)
        == ["001_z.sql", "0002_b.sql", "2_a.sql", "10_c.sql", "20261120_x.sql", "alpha.sql", "zzz.sql"])
  }

  @Test("a byte order mark is left out of what is run")
  func mark() throws {
    let folder = try TemporaryFolder()
    let file = try MigrationFile(try folder.write("\u{FEFF}SELECT 1;", to: "1.sql"))
    #expect(file.sql == "SELECT 1;")
  }

  @Test("the same text with other line ends has the same sum, and is run as it stands")
  func lineEnds() throws {
    let folder = try TemporaryFolder()
    let unix = try MigrationFile(try folder.write("SELECT 1;\nSELECT 2;\n", to: "1.sql"))
    let dos = try MigrationFile(try folder.write("SELECT 1;\r\nSELECT 2;\r\n", to: "2.sql"))
    #expect(unix.sha256 == dos.sha256)
    #expect(dos.sql.contains("\r\n"))
  }

  @Test("text that is not UTF-8 is refused with its line")
  func encoding() throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(Data("SELECT 1;\nSELECT '".utf8) + Data([0xE9]) + Data("';\n".utf8), to: "3.sql")
    let error = #expect(throws: BelayError.self) { try MigrationFile(path) }
    #expect(error?.message == "the migration 3.sql is not UTF-8: the first bad byte is in line 2")
  }

  @Test("files that undo another are left out unless named, and it is said; a name alone proves nothing")
  func down() throws {
    let folder = try TemporaryFolder()
    for name in [
      "1_a.sql", "1_down_a.sql", "2_b.up.sql", "2_b.down.sql", "3_c.sql", "3_c_down.sql", "4_add_down_payment.sql",
      "5_revert_prices.sql", "6_down_payment.sql", "7_shut_down.sql", ".hidden.sql", "notes.txt", "8_e.SQL",
    ] {
      _ = try folder.write("SELECT 1;", to: name)
    }
    let migrations = PlainFolder(path: folder.path)
    let content = try migrations.read()
    #expect(
      content.files.map(\.name)
        == ["1_a.sql", "2_b.up.sql", "3_c.sql", "4_add_down_payment.sql", "5_revert_prices.sql"])
    #expect(
      content.skipped.map(\.line) == [
        "1_down_a.sql: undoes 1_a.sql", "2_b.down.sql: undoes a migration", "3_c_down.sql: undoes 3_c.sql",
        "8_e.SQL: does not end in .sql",
      ])
    #expect(content.unclear.map(\.name) == ["6_down_payment.sql", "7_shut_down.sql"])
    #expect(try migrations.files(named: ["1_down_a.sql"]).map(\.name) == ["1_down_a.sql"])
  }

  @Test("a file from elsewhere is known by its path, and so not taken for another of its name")
  func identity() throws {
    let folder = try TemporaryFolder()
    let first = try folder.write("SELECT 1;", to: "m/2018_a/up.sql")
    _ = try folder.write("SELECT 2;", to: "m/2018_b/up.sql")
    _ = try folder.write("SELECT 3;", to: "migrations/1.sql")
    let migrations = PlainFolder(path: folder.path.appending("migrations"), start: folder.path)
    let names = ["m/2018_a/up.sql", first.string, "m/../m/2018_b/up.sql", "migrations/1.sql", "1.sql"]
    #expect(
      try migrations.files(named: names).map(\.name)
        == ["m/2018_a/up.sql", "m/2018_a/up.sql", "m/2018_b/up.sql", "1.sql", "1.sql"])
    #expect(migrations.contains("1.sql") && migrations.contains("m/2018_b/up.sql") && !migrations.contains("up.sql"))
  }

  @Test("an empty folder has nothing to apply; one whose files lie deeper, and a missing one, are errors of their own")
  func empty() throws {
    let folder = try TemporaryFolder()
    #expect(try PlainFolder(path: folder.path).read().files.isEmpty)
    try FileManager.default.createDirectory(
      atPath: folder.path.appending("later").string, withIntermediateDirectories: false)
    try Data("SELECT 1;".utf8).write(to: URL(filePath: folder.path.appending("later/1.sql").string))
    let deeper = #expect(throws: BelayError.self) { try PlainFolder(path: folder.path).read() }
    #expect(deeper?.kind == .notFound)
    #expect(deeper?.message.hasPrefix("there is no *.sql file") == true)
    let missing = #expect(throws: BelayError.self) {
      try PlainFolder(path: folder.path.appending("nowhere")).read()
    }
    #expect(missing?.message.hasPrefix("cannot read the migrations folder") == true)
  }
}

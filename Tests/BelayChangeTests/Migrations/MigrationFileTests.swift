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

  @Test("files for the way down are left out unless named")
  func down() throws {
    let folder = try TemporaryFolder()
    for name in ["1_a.sql", "1_down_a.sql", "2_b.sql", ".hidden.sql", "notes.txt"] {
      _ = try folder.write("SELECT 1;", to: name)
    }
    let migrations = PlainFolder(path: folder.path)
    #expect(try migrations.files().map(\.name) == ["1_a.sql", "2_b.sql"])
    #expect(try migrations.files(named: ["1_down_a.sql"]).map(\.name) == ["1_down_a.sql"])
  }

  @Test("an empty folder and a missing one give different errors")
  func empty() throws {
    let folder = try TemporaryFolder()
    let empty = #expect(throws: BelayError.self) { try PlainFolder(path: folder.path).files() }
    #expect(empty?.kind == .notFound)
    #expect(empty?.message.hasPrefix("there is no *.sql file") == true)
    let missing = #expect(throws: BelayError.self) {
      try PlainFolder(path: folder.path.appending("nowhere")).files()
    }
    #expect(missing?.message.hasPrefix("cannot read the migrations folder") == true)
  }
}

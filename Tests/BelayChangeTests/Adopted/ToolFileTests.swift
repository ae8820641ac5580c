import BelayBase
import CoreTesting
import Testing

@testable import BelayChange

@Suite("Files with a way up and a way down in them")
struct ToolFileTests {
  private func file(_ text: String) throws -> MigrationFile {
    let folder = try TemporaryFolder()
    return try withExtendedLifetime(folder) { try MigrationFile(try folder.write(text, to: "1_x.sql")) }
  }

  @Test("each way keeps its place in the file, so that an error names the right line", arguments: ["\n", "\r\n"])
  func lines(end: String) throws {
    let text = ["-- migrate:up", "CREATE TABLE a (x);", "-- migrate:down", "DROP TABLE a;", ""].joined(separator: end)
    let parsed = try DbmateFile(try file(text))
    let (up, down) = (try parsed.part(.up, version: "1"), try parsed.part(.down, version: "1"))
    #expect(FileLines(up.sql).lines.map(\.trimmed) == ["", "CREATE TABLE a (x);", "", "", ""])
    #expect(FileLines(down.sql).lines.map(\.trimmed) == ["", "", "", "DROP TABLE a;", ""])
    #expect(up.name == "1_x.sql" && down.name == "1_x.sql (down)")
  }

  @Test("a directive counts in the part that it is in")
  func directives() throws {
    let text = "-- +goose Up\nSELECT 1;\n-- +goose Down\n-- belay: allow-loss tags\nDROP TABLE tags;\n"
    let parsed = try GooseFile(try file(text))
    #expect(try parsed.part(.up, version: "1").directives.allowLoss.isEmpty)
    #expect(try parsed.part(.down, version: "1").directives.allowLoss == ["tags"])
  }

  @Test("what stands before and behind a part does not change its sum")
  func sums() throws {
    let short = try GooseFile(try file("-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 2;\n"))
    let long = try GooseFile(try file("-- why\n\n-- +goose Up\nSELECT 1;\n-- +goose Down\nSELECT 2;\nSELECT 3;\n"))
    #expect(try short.part(.up, version: "1").sha256 == long.part(.up, version: "1").sha256)
    #expect(try short.part(.down, version: "1").sha256 != long.part(.down, version: "1").sha256)
  }

  @Test(
    "goose reads line by line, also within strings and comments",
    arguments: [
      "-- +goose Up\nINSERT INTO a VALUES ('\n-- +goose Down\n');\n", "-- +goose Up\n/*\n-- +goose Down\n*/\n",
      "--+GOOSE up\n-- +goose Up\n--  +goose   down\n",
    ])
  func byLine(text: String) throws {
    #expect(try GooseFile(try file(text)).hasDown)
  }
}

@Suite("Names and checksums of Flyway")
struct FlywayNameTests {
  @Test(
    "versions are compared number by number",
    arguments: [
      ("1", "2"), ("2", "10"), ("1.9", "1.10"), ("1", "1.1"), ("1.0.9", "1.1"), ("20260101", "20260102.1"),
      ("99999999999999999999", "100000000000000000000"),
    ])
  func order(earlier: String, later: String) {
    let tool = FlywayTool()
    #expect(tool.precedes(earlier, later) && !tool.precedes(later, earlier))
  }

  @Test(
    "zeros before and behind mean nothing", arguments: [("1", "1.0"), ("01", "1"), ("1.2", "1.02.0.0"), ("0", "0.0")])
  func same(a: String, b: String) { #expect(FlywayTool().isSame(a, b)) }

  @Test(
    "a name is read as Flyway reads it",
    arguments: [
      ("V1__a.sql", "1", "a"), ("V1_2__add_the_tags.sql", "1.2", "add the tags"), ("V1.2.SQL", "1.2", ""),
      ("V20260101__a__b.sql", "20260101", "a  b"), ("R__all_views.sql", "", "all views"),
    ])
  func names(name: String, version: String, description: String) throws {
    let parsed = try #require(FlywayName(name))
    #expect(parsed.version == version && parsed.description == description)
  }

  @Test(
    "what Flyway ignores is not read",
    arguments: ["v1__a.sql", "Vx__a.sql", "V1_a.sql", "R_a.sql", "R1__a.sql", "1__a.sql"])
  func ignored(name: String) { #expect(FlywayName(name) == nil) }

  /// The sums are those of zlib's crc32.
  @Test(
    "the checksum is that of the lines, whatever ends them",
    arguments: ["SELECT 1;\nSELECT 2;\n", "SELECT 1;\r\nSELECT 2;", "\u{FEFF}SELECT 1;\rSELECT 2;\n"])
  func checksum(text: String) { #expect(FlywayChecksum.of(Array(text.utf8)) == -1665099012) }
}

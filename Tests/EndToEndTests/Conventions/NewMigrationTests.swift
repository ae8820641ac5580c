import Foundation
import Testing

@Suite("belay new")
struct NewMigrationTests {
  struct Folder: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let files: [String: String]
    var arguments: [String] = []
    /// A pattern of the paths made, in order.
    let made: [String]
    /// Texts that the first of them has.
    var marks: [String] = []
  }

  private static let folders: [Folder] = [
    Folder(testDescription: "none", files: [:], made: [#"0001_add_posts\.sql"#]),
    Folder(testDescription: "plain", files: ["0007_a.sql": ""], made: [#"0008_add_posts\.sql"#]),
    Folder(
      testDescription: "plain, with ways down", files: ["07_a.sql": "", "07_a.down.sql": ""],
      made: [#"08_add_posts\.sql"#, #"08_add_posts\.down\.sql"#]),
    Folder(
      testDescription: "plain, with ways down in front", files: ["7_a.sql": "", "7_down_a.sql": ""],
      made: [#"8_add_posts\.sql"#, #"8_down_add_posts\.sql"#]),
    Folder(
      testDescription: "pairs", files: ["000007_a.up.sql": "", "000007_a.down.sql": ""],
      made: [#"000008_add_posts\.up\.sql"#, #"000008_add_posts\.down\.sql"#]),
    Folder(
      testDescription: "dbmate", files: AdoptedCase.dbmate.files, made: [#"11_add_posts\.sql"#],
      marks: ["-- migrate:up\n", "-- migrate:down\n"]),
    Folder(
      testDescription: "goose", files: AdoptedCase.goose.files, made: [#"00011_add_posts\.sql"#],
      marks: ["-- +goose Up\n", "-- +goose Down\n"]),
    Folder(
      testDescription: "golang-migrate", files: [:], arguments: ["--convention", "golang-migrate"],
      made: [#"20\d{12}_add_posts\.up\.sql"#, #"20\d{12}_add_posts\.down\.sql"#]),
    Folder(
      testDescription: "SQLx", files: ["20250101120000_a.sql": ""], arguments: ["--convention", "sqlx"],
      made: [#"20\d{12}_add_posts\.sql"#]),
    Folder(
      testDescription: "Diesel", files: AdoptedCase.diesel.files,
      made: [#"20\d\d-\d\d-\d\d-\d{6}_add_posts/up\.sql"#, #"20\d\d-\d\d-\d\d-\d{6}_add_posts/down\.sql"#]),
    Folder(testDescription: "Flyway", files: AdoptedCase.flyway.files, made: [#"V11__add_posts\.sql"#]),
    Folder(
      testDescription: "Prisma", files: AdoptedCase.prisma.files, made: [#"20\d{12}_add_posts/migration\.sql"#]),
    Folder(
      testDescription: "Drizzle 0.x", files: AdoptedCase.drizzle(.sqlite).files,
      made: [#"0003_add_posts\.sql"#, #"meta/0003_snapshot\.json"#]),
    Folder(
      testDescription: "Drizzle 1.0", files: AdoptedCase.drizzleFolders(.sqlite).files,
      made: [#"20\d{12}_add_posts/migration\.sql"#, #"20\d{12}_add_posts/snapshot\.json"#]),
    Folder(testDescription: "Atlas", files: AdoptedCase.atlas.files, made: [#"20\d{12}_add_posts\.sql"#]),
    Folder(
      testDescription: "Flyway, by parts", files: ["V1_2__a.sql": "", "V1_10__b.sql": ""],
      made: [#"V1_11__add_posts\.sql"#]),
  ]

  @Test("makes the next file as the folder's others are, and belay and the tool accept it", arguments: folders)
  func next(folder: Folder) throws {
    let shop = try AdoptedShop(.sqlite)
    try shop.write(folder.files)
    let run = try shop.folder.belay(["new", "add posts"] + folder.arguments)
    #expect(run.status == 0, "\(run)")
    let root = shop.folder.folder.appending(path: "migrations").path + "/"
    let paths = run.output.split(separator: "\n").map(String.init)
    #expect(paths.count == folder.made.count)
    for (path, pattern) in zip(paths, folder.made) {
      let isMatched = try Regex(pattern).wholeMatch(in: path.dropFirst(root.count)) != nil
      #expect(path.hasPrefix(root) && isMatched, "\(path)")
    }
    let text = try String(contentsOfFile: try #require(paths.first), encoding: .utf8)
    for mark in folder.marks { #expect(text.contains(mark)) }

    // With SQL in it, it is the last one that runs.
    let sql = "CREATE TABLE made (x);\n"
    let filled = folder.marks.isEmpty ? text + sql : text.replacing(folder.marks[0], with: folder.marks[0] + sql)
    try filled.write(toFile: paths[0], atomically: true, encoding: .utf8)
    // Atlas's list of hashes is written by the next one.
    if folder.testDescription == "Atlas" { #expect(try shop.folder.belay("new", "rest").status == 0) }
    let plan = try shop.folder.belay(["migrate", shop.folder.url, "--plan"] + folder.arguments)
    #expect([0, 3].contains(plan.status) && plan.output.contains("create table made"), "\(plan)")
    #expect(
      try shop.folder.belay(["new", "add posts"] + folder.arguments).status == 0, "a second one gets another number")
  }

  @Test("many that are started at once get a number each")
  func together() async throws {
    let shop = try AdoptedShop(.sqlite)
    let place = shop.folder.folder
    await withTaskGroup(of: Void.self) { group in
      for index in 0..<6 {
        group.addTask { _ = try? Program.run(Program.belay().path, ["new", "step \(index)x"], in: place) }
      }
    }
    let numbers = try shop.folder.listing(place.appending(path: "migrations")).map { $0.prefix(4) }
    #expect(numbers == ["0001", "0002", "0003", "0004", "0005", "0006"])
  }

  @Test("a bad name, another tool's folder and a folder that is none are refused, and nothing is written")
  func refused() throws {
    let shop = try AdoptedShop(.sqlite)
    for name in ["../evil", "a.sql", "add_down", "7_x"] {
      let run = try shop.folder.belay("new", name)
      #expect(run.status == 64 && run.errors.contains("nothing was written"), "\(run)")
    }
    try shop.write(["alembic.ini": ""])
    let foreign = try shop.folder.belay("new", "x")
    #expect(foreign.status == 22 && foreign.errors.contains("Alembic"), "\(foreign)")
    try shop.folder.write("", to: "file")
    #expect(try shop.folder.belay("new", "x", "--dir", "file").status != 0)
    #expect(try shop.folder.listing(shop.folder.folder.appending(path: "migrations")) == ["alembic.ini"])
  }
}

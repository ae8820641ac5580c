import Testing

@testable import BelayChange

@Suite("Folders that another migration tool keeps")
struct FolderMarkTests {
  private static let others: [(String, FolderMark.Listing)] = [
    ("Atlas", FolderMark.Listing(name: "m", files: ["20230101_a.sql", "atlas.sum"])),
    ("Sqitch", FolderMark.Listing(name: "db", files: ["sqitch.plan"], folders: ["deploy": ["a.sql"]])),
    ("Sqitch", FolderMark.Listing(name: "deploy", files: ["a.sql"], siblings: ["deploy", "sqitch.plan"])),
    ("Prisma", FolderMark.Listing(name: "m", files: ["migration_lock.toml"], folders: ["2023_a": ["migration.sql"]])),
    ("Prisma", FolderMark.Listing(name: "m", files: [], folders: ["2023_a": ["migration.sql"]])),
    ("Drizzle", FolderMark.Listing(name: "m", files: ["0000_a.sql"], folders: ["meta": ["_journal.json"]])),
    ("Drizzle", FolderMark.Listing(name: "m", files: [], folders: ["2023_a": ["migration.sql", "snapshot.json"]])),
    ("Flyway", FolderMark.Listing(name: "m", files: ["V1__a.sql", "V10__b.sql"])),
    ("Flyway", FolderMark.Listing(name: "m", files: ["V2024.01.02_1__a.sql"])),
    ("Flyway", FolderMark.Listing(name: "m", files: ["R__views.sql"])),
    ("Flyway", FolderMark.Listing(name: "m", files: ["1_a.sql", "U1__a.sql"])),
    ("Flyway", FolderMark.Listing(name: "m", files: ["1_a.sql", "afterMigrate__grants.sql"])),
    ("Flyway", FolderMark.Listing(name: "m", files: ["1_a.sql", "1_a.sql.conf"])),
    ("Liquibase", FolderMark.Listing(name: "m", files: ["1_a.sql", "db.changelog-master.yaml"])),
    ("Rails", FolderMark.Listing(name: "migrate", files: ["20230101000000_create_users.rb"])),
    (
      "Alembic",
      FolderMark.Listing(name: "m", files: ["env.py", "script.py.mako"], folders: ["versions": ["ab12_x.py"]])
    ),
    ("Django", FolderMark.Listing(name: "m", files: ["0001_initial.py", "__init__.py"])),
    ("Ecto", FolderMark.Listing(name: "m", files: ["20230101_a.exs", "20230102_b.sql"])),
    ("Diesel or Hasura", FolderMark.Listing(name: "m", files: [], folders: ["2018-01_a": ["up.sql", "down.sql"]])),
    (
      "Entity Framework",
      FolderMark.Listing(name: "m", files: ["20230101000000_Init.cs", "20230101000000_Init.Designer.cs"])
    ),
  ]

  @Test("are recognised by what lies in them or beside them", arguments: others.indices)
  func marked(index: Int) throws {
    let (tool, listing) = Self.others[index]
    #expect(try #require(FolderMark(in: listing)).tool.name == tool)
  }

  private static let ownFolders: [FolderMark.Listing] = [
    FolderMark.Listing(
      name: "migrations", files: ["0001_a.sql", "0002_b.sql", "README.md", "seed.py", "run.js", "CHANGELOG.md"]),
    FolderMark.Listing(name: "deploy", files: ["0001_a.sql"], siblings: ["migrations"]),
    FolderMark.Listing(
      name: "m", files: ["Views_2.sql", "v2_orders.sql", "before_launch.sql", "after_launch.sql", "Room__2.sql"]),
    FolderMark.Listing(name: "m", files: ["000002_email.up.sql", "000002_email.down.sql"]),
    FolderMark.Listing(name: "m", files: ["0001_a.sql"], folders: ["old": ["0000_x.sql"], "2018_x": ["up.sql"]]),
  ]

  @Test("a plain folder is nobody else's", arguments: ownFolders.indices)
  func plain(index: Int) {
    #expect(FolderMark(in: Self.ownFolders[index]) == nil)
  }
}

import Foundation
import Testing

@Suite("belay init in folders of all kinds")
struct InitTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func belay(_ arguments: String...) throws -> BelayExecutable.Outcome {
    try BelayExecutable.run(arguments, in: folder.url)
  }

  private func written() throws -> String {
    try String(contentsOf: folder.url.appending(path: "belay.yaml"), encoding: .utf8)
  }

  @Test(
    "what an application calls its database becomes a target that belay can open, without its password",
    arguments: [
      ("postgres://app:p%40ss@db:5433/shop", "  shop: postgres://app:${SHOP_PASSWORD}@db:5433/shop\n", "SHOP_PASSWORD"),
      (
        "postgresql+psycopg://app@db/shop?schema=public&sslmode=require",
        "  shop: postgresql://app@db/shop?sslmode=require\n", "belay.yaml"
      ),
      ("sqlite:///data/shop.db", "  shop: sqlite:data/shop.db\n", "belay.yaml"),
      ("sqlite:////srv/shop.sqlite3?mode=rw", "  shop: sqlite:/srv/shop.sqlite3\n", "belay.yaml"),
      ("file:./dev.db", "  dev: sqlite:dev.db\n", "belay.yaml"),
      (
        "mysql://root:x@localhost/my-shop", "  my-shop: mysql://root:${MY_SHOP_PASSWORD}@localhost/my-shop\n",
        "MY_SHOP_PASSWORD"
      ),
      ("sqlite:größe.db", "  grosse: 'sqlite:größe.db'\n", "belay.yaml"),
      ("sqlite:база.db", "  main: 'sqlite:база.db'\n", "belay.yaml"),
      ("sqlite:it's here.db", "  itshere: 'sqlite:it''s here.db'\n", "belay.yaml"),
    ])
  func typed(url: String, line: String, variable: String) throws {
    let run = try belay("init", url)
    #expect(run.status == 0, "\(run)")
    let text = try written()
    #expect(text.contains(line), "\(text.prefix(900))")
    #expect(!text.contains("p%40ss"))
    #expect(run.errors.contains(variable), "\(run)")
    #expect(try belay("list").status == 0)
  }

  @Test("a SQLite file, .env and the folder of a migration tool are found; the rest stays a comment")
  func found() throws {
    try folder.write("PORT=1\nexport DATABASE_URL=\"postgres://app:secret@db/shop\"\n", to: ".env")
    for name in ["data", "prisma/migrations/1_init"] {
      try FileManager.default.createDirectory(
        at: folder.url.appending(path: name), withIntermediateDirectories: true)
    }
    for name in ["a.db", "data/b.sqlite3"] {
      let file = folder.url.appending(path: name)
      try Data("SQLite format 3\0 and so on".utf8).write(to: file)
    }
    try folder.write("no database", to: "c.db")
    try folder.write("SELECT 1;", to: "prisma/migrations/1_init/migration.sql")
    let run = try belay("init")
    #expect(run.status == 0 && run.errors.contains("DATABASE_URL"), "\(run)")
    let text = try written()
    #expect(
      text.contains("targets:\n  shop: ${DATABASE_URL}\n# a: sqlite:a.db\n# b: sqlite:data/b.sqlite3\n"),
      "\(text.prefix(900))")
    #expect(text.contains("\n  dir: prisma/migrations "), "\(text.prefix(1500))")
    #expect(!text.contains("secret") && !text.contains("c.db"))
    #expect(try belay("list").status == 0)
  }

  @Test("Prisma's path of a SQLite file starts from the folder of its schema, and a file that is not there is said")
  func prisma() throws {
    try folder.write("\u{FEFF}DATABASE_URL=\"file:./dev.db\"\r\nPORT=1\r\n", to: ".env")
    #expect(try belay("init").output.contains("there is no file dev.db yet"))
    try #require(try written().contains("  dev: sqlite:dev.db\n"))
    try FileManager.default.removeItem(at: folder.url.appending(path: "belay.yaml"))
    try FileManager.default.createDirectory(
      at: folder.url.appending(path: "prisma"), withIntermediateDirectories: true)
    try Data("SQLite format 3\0 and so on".utf8).write(to: folder.url.appending(path: "prisma/dev.db"))
    let run = try belay("init")
    #expect(run.status == 0 && !"\(run)".contains("no file"), "\(run)")
    #expect(try written().contains("targets:\n  dev: sqlite:prisma/dev.db\n"))
    #expect(try !written().contains("# dev:"))
  }

  @Test("that no driver knows the scheme is said")
  func withoutDriver() throws {
    let run = try belay("init", "foo:bar")
    #expect(run.status == 0 && run.output.contains("no installed driver knows foo: URLs"), "\(run)")
  }

  @Test("what is no URL is refused, and nothing is written", arguments: ["shop.db", "sqlite:", "sqlite::memory:"])
  func refused(typed: String) throws {
    let run = try belay("init", typed)
    #expect(run.status == 64 && run.errors.contains("sqlite:shop.db"), "\(run)")
    #expect(!FileManager.default.fileExists(atPath: folder.url.appending(path: "belay.yaml").path))
  }

  @Test("a real database is found and backed up with what was written")
  func works() throws {
    let made = try Program.sqlite(folder.url.appending(path: "shop.db"), "CREATE TABLE t(a); INSERT INTO t VALUES (1);")
    try #require(made == 0)
    #expect(try belay("init").errors.contains("try `belay doctor`"))
    let run = try belay("backup")
    #expect(run.status == 0, "\(run)")
  }
}

private enum Program {
  static func sqlite(_ file: URL, _ sql: String) throws -> Int32 {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["sqlite3", file.path, sql]
    try process.run()
    process.waitUntilExit()
    return process.terminationStatus
  }
}

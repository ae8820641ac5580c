import Foundation
import Testing

/// The tool itself. In SQLite its registry is a file of its own, so it runs under guard alone there; in PostgreSQL belay can go
/// on with its folder too.
@Suite("Sqitch under guard")
struct SqitchTests {
  private static let plan = """
    %syntax-version=1.0.0
    %project=shop

    first 2026-01-01T10:00:00Z Ann <ann@example.com> # does nothing
    tags 2026-01-02T10:00:00Z Ann <ann@example.com> # adds tags
    """

  /// The shop, with the first change deployed by Sqitch alone.
  private func shop(_ engine: AdoptedEngine, _ tags: String) throws -> GuardedShop {
    let shop = try GuardedShop(engine)
    let name = engine == .sqlite ? "sqlite" : "pg"
    let files = [
      "sqitch.conf": "[core]\n\tengine = \(name)\n[user]\n\tname = Ann\n\temail = ann@example.com\n",
      "sqitch.plan": Self.plan, "deploy/first.sql": "SELECT 1;\n", "deploy/tags.sql": tags,
      // In SQLite the registry is a file beside the database: the copy needs one too.
      "deploy.sh": """
      set -e
      if [ "$BELAY_STAGE" = rehearsal ] && [ -e sqitch.db ]; then cp sqitch.db "$(dirname "${DATABASE_URL#sqlite:}")"; fi
      exec sqitch deploy --target "db:$DATABASE_URL" "$@"
      """,
    ]
    for (name, text) in files { try shop.folder.folder(of: name, text) }
    let url = engine == .sqlite ? "sqlite:\(shop.folder.folder.path)/shop.db" : shop.url
    let first = try Program.run(
      "/bin/sh", ["deploy.sh", "first"], in: shop.folder.folder, environment: ["DATABASE_URL": url])
    try #require(first.status == 0, "sqitch (scripts/needs test installs it): \(first)")
    return shop
  }

  private func deploy(_ shop: GuardedShop, _ engine: AdoptedEngine) throws -> Program.Outcome {
    let url = engine == .sqlite ? "sqlite:shop.db" : shop.url
    return try shop.folder.belay(["guard", url, "--yes", "--", "sh", "deploy.sh"])
  }

  @Test("what is pending is deployed, and a second time there is nothing to do", arguments: AdoptedEngine.allCases)
  func good(engine: AdoptedEngine) throws {
    let shop = try shop(engine, "BEGIN;\nCREATE TABLE tags (x integer);\nINSERT INTO tags VALUES (7);\nCOMMIT;\n")
    let run = try deploy(shop, engine)
    #expect(run.isDone, "\(run)")
    #expect(try shop.query("SELECT x FROM tags") == "7")
    guard engine == .postgresql else { return }
    #expect(run.errors.contains("Sqitch (sqitch.changes): + tags"), "\(run)")
    #expect(try shop.query("SELECT change FROM sqitch.changes ORDER BY change") == "first\ntags")
    let again = try deploy(shop, engine)
    #expect(again.isDone && again.errors.contains("changed nothing"), "\(again)")
  }

  @Test("a loss by a cascade is found on the copy, and shop and registry are as before")
  func undone() throws {
    let shop = try shop(.postgresql, "BEGIN;\nDELETE FROM customers WHERE id = 1;\nCOMMIT;\n")
    let before = try shop.dump()
    let run = try deploy(shop, .postgresql)
    #expect(run.status == 31 && run.errors.contains("--allow-loss customers"), "\(run)")
    #expect(try shop.dump() == before)
    #expect(try shop.query("SELECT change FROM sqitch.changes") == "first")
  }

  @Test("its folder is refused as plain SQL, with the way that there is")
  func refused() throws {
    let shop = try AdoptedShop(.sqlite)
    try shop.write(["sqitch.plan": Self.plan, "deploy/first.sql": "SELECT 1;\n"])
    let run = try shop.folder.belay("migrate", shop.folder.url, "--plan")
    #expect(run.status == 22 && run.errors.contains("is Sqitch's: it contains sqitch.plan"), "\(run)")
    #expect(run.errors.contains("belay guard") && run.errors.contains("sqitch deploy"), "\(run)")
  }
}

import Foundation
import Testing

@Suite("A backup after a change")
struct BackupAfterTests {
  private static func kinds(_ shop: Workspace) throws -> [String] {
    try shop.belay("list", "--json").output.split(separator: "\n").compactMap { line in
      line.firstRange(of: #""kind":""#).map { String(line[$0.upperBound...].prefix { $0 != "\"" }) }
    }
  }

  @Test func `a migration that succeeded keeps a second archive, which is of what it made`() throws {
    let shop = try Workspace()
    try shop.migration("1_tags.sql", "CREATE TABLE tags (name TEXT);")
    let run = try shop.belay("migrate", shop.url, "--yes", "--backup-after")
    #expect(run.status == 0 && run.errors.contains("after-migration, verified at level restore"), "\(run)")
    // Undoing is still the last thing that is said.
    #expect(run.output.split(separator: "\n").last?.hasPrefix("belay rollback ") == true, "\(run)")
    #expect(try Self.kinds(shop) == ["before-migration", "after-migration"])
    #expect(try shop.belay("show", "latest").output.contains("tags"))
    // Nothing was changed: nothing is kept of it.
    #expect(try shop.belay("migrate", shop.url, "--yes", "--backup-after").status == 0)
    try shop.migration("2_bad.sql", "CREATE TABLE tags (name TEXT);")
    #expect(try shop.belay("migrate", shop.url, "--yes", "--backup-after").status == 30)
    #expect(try Self.kinds(shop).count { $0 == "after-migration" } == 1)
  }

  @Test func `belay yaml asks for it, of commands under guard too, and a backup that fails is a warning`() throws {
    let shop = try Workspace()
    try shop.write("targets:\n  shop: sqlite:shop.db\nmigrations:\n  backup_after: true\n", to: "belay.yaml")
    try shop.write("sqlite3 shop.db 'CREATE TABLE more (x)'\n", to: "change.sh")
    let run = try shop.belay("guard", "shop", "--yes", "--no-rehearse", "--", "sh", "change.sh")
    #expect([0, 3].contains(run.status) && run.errors.contains("after-migration, verified"), "\(run)")
    #expect(try Self.kinds(shop).last == "after-migration")
    // Something that the second backup needs is gone.
    try shop.write(
      "sqlite3 shop.db 'CREATE TABLE yet_more (x)'; mkdir backups/signing; mv backups/signing-key backups/signing; mkdir backups/signing-key\n",
      to: "change.sh")
    let warned = try shop.belay("guard", "shop", "--yes", "--no-rehearse", "--", "sh", "change.sh")
    #expect(warned.status == 3 && warned.errors.contains("the backup after it failed: "), "\(warned)")
    #expect(warned.output.split(separator: "\n").last?.hasPrefix("belay rollback ") == true, "\(warned)")
    #expect(try shop.sqlite("SELECT count(*) FROM yet_more") == "0")
  }
}

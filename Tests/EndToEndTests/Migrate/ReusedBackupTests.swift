import Foundation
import Testing

@Suite("belay migrate --backup: an archive of before in place of a new one")
struct ReusedBackupTests {
  private func shop() throws -> (Workspace, backup: String) {
    let shop = try Workspace()
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    try #require(try shop.belay("backup", shop.url).status == 0)
    return (shop, try shop.latest())
  }

  @Test("the archive is proven, no other is made, and the migration can be undone by it")
  func reused() throws {
    let (shop, backup) = try shop()
    let before = try shop.dump()
    let run = try shop.belay("migrate", shop.url, "--yes", "--backup", backup)
    #expect(run.status == 0, "\(run)")
    #expect(run.output.contains("rollback \(backup)"), "\(run)")
    #expect(try shop.listing(shop.store).filter { $0.hasSuffix(".tar") } == ["\(backup).tar"])
    #expect(try shop.rollback(backup).status == 0)
    #expect(try shop.dump() == before)
  }

  @Test("a run that fails, in the rehearsal or on the database, offers its backup, and the next run is done with it")
  func offered() throws {
    let shop = try Workspace()
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);\nSELECT missing;")
    let rehearsed = try shop.belay("migrate", shop.url, "--yes")
    let backup = try shop.latest()
    #expect(rehearsed.status == 30, "\(rehearsed)")
    #expect(
      rehearsed.errors.contains("\nbackup: \(backup) is kept; `--backup \(backup)` with the same command"),
      "\(rehearsed)")
    let applied = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse", "--backup", backup, "--json")
    #expect(applied.status == 30 && applied.output.contains(#""reusable":"\#(backup)""#), "\(applied)")
    // Of the backup no time is left, and nothing is rehearsed.
    let estimates = applied.output.split(separator: "\n").filter { $0.contains(#""event":"estimate""#) }
    #expect(estimates.count == 4 && !estimates[0].contains(#""phase":"backup""#), "\(estimates)")
    #expect(estimates[0].contains(#""phase":"verify""#) && estimates[3].contains(#""phase":"apply""#), "\(estimates)")
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    let mended = try shop.belay("migrate", shop.url, "--yes", "--backup", backup)
    #expect(mended.status == 0 && !mended.errors.contains("is kept"), "\(mended)")
    #expect(try shop.listing(shop.store).filter { $0.hasSuffix(".tar") } == ["\(backup).tar"])
    #expect(try shop.rollback(backup).status == 0)
    #expect(try shop.sqlite("SELECT count(*) FROM sqlite_schema WHERE name = 'tags'") == "0")
  }

  @Test("rows that others wrote since are told, and stay when the migration fails")
  func writtenSince() throws {
    let (shop, backup) = try shop()
    try shop.sqlite("INSERT INTO log VALUES ('since', 'by others')")
    try shop.migration("1.sql", "DELETE FROM log;\nSELECT missing;")
    let now = try shop.dump()
    let run = try shop.belay("migrate", shop.url, "--yes", "--no-rehearse", "--backup", backup)
    #expect(run.status == 30 && run.errors.contains("written by others since the backup: table log"), "\(run)")
    #expect(try shop.dump() == now)
  }

  @Test("an archive of another database, of another schema, and one that is not there are refused with nothing done")
  func refused() throws {
    let (shop, backup) = try shop()
    try shop.sqlite("CREATE TABLE t (a)", on: shop.folder.appending(path: "other.db"))
    let other = try shop.belay("migrate", "sqlite:other.db", "--yes", "--backup", backup)
    #expect(other.status == 22 && other.errors.contains("is a backup of sqlite:shop.db"), "\(other)")
    let missing = try shop.belay("migrate", shop.url, "--yes", "--backup", "nothing")
    #expect(missing.status == 10, "\(missing)")
    try shop.sqlite("CREATE TABLE late (a)")
    let before = try shop.dump()
    let changed = try shop.belay("migrate", shop.url, "--yes", "--backup", backup)
    #expect(changed.status == 22 && changed.errors.contains("changed the schema since the backup"), "\(changed)")
    #expect(try shop.dump() == before)
  }
}

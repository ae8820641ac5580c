import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import Foundation

/// `meta/_journal.json` of a folder of drizzle-kit's as it has to be, and what Drizzle's ledger in a database lacks. Reads only.
package struct RepairedJournal {
  /// nil: the journal is right.
  package let file: DraftedFile?
  /// What is there now; nil: nothing.
  package let was: [UInt8]?
  /// What is different in the file: a line each.
  package let changes: [String]
  package let findings: [Finding]
  /// Writes the hashes that the ledger lacks; nil: it lacks none.
  package let hashes: (any Change)?
  package let missingHashes: Int

  package init(on connection: Connection, context: RunContext, now: Date) throws(BelayError) {
    let catalog: Catalog
    do {
      catalog = try connection.catalog(operation: context.stoppable())
    } catch {
      throw BelayError(error, doing: "cannot read the schema", kind: .refused)
    }
    let settings = context.settings.migrations
    let folder = try ToolFolder(reading: settings.folder)
    let tool = DrizzleTool()
    let name = settings.ledger ?? tool.defaultTable
    let present = catalog.tables.first { $0.name == name }
    if let present, !tool.fits(columns: present.lowercasedColumns) {
      throw BelayError(
        .refused, "the ledger \(present.tableName) is not of Drizzle 0.x, which alone has a journal",
        hint: tool.otherShapeHint, state: "nothing was written")
    }
    let engine = LedgerEngine(rawValue: connection.driver.id)
    let table = engine.flatMap { engine in
      present.map { LedgerTable(engine: engine, name: name, schema: $0.schema, traits: connection.traits) }
    }
    var rows: [DrizzleJournalRepair.Row] = []
    for row in try table?.rows(tool.columns, orderedBy: tool.orderColumn, connection, context: context) ?? [] {
      guard let moment = Int64(row.text("created_at")) else { continue }
      rows.append(DrizzleJournalRepair.Row(hash: row.text("hash").lowercased(), moment: moment))
    }
    let repair = try DrizzleJournalRepair(
      folder, rows: rows, dialect: connection.driver.id == "postgresql" ? "postgresql" : "sqlite", table: name, now: now
    )
    file =
      repair.isChanged
      ? DraftedFile(DrizzleJournal.path, repair.journal.text, replaces: folder.hasJournal) : nil
    was = folder.hasJournal ? try folder.file(DrizzleJournal.path).bytes : nil
    changes = repair.changes
    findings = repair.findings
    missingHashes = repair.hashes.count
    guard let table, !repair.hashes.isEmpty else {
      hashes = nil
      return
    }
    let receipts = try Receipts(table: Receipts.defaultTable).placed(on: connection, context: context)
    hashes = DrizzleLedgerHashes(table: table, receipts: receipts, hashes: repair.hashes)
  }
}

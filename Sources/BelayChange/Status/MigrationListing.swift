import BelayBase
import BelayDatabase
import BelayDrivers
import SystemPackage

/// How the migrations of a folder stand in a database: by the rules of the tool whose folder it is, or by belay's own.
/// Only reads.
package struct MigrationListing {
  /// In the order in which they are applied.
  package private(set) var migrations: [MigrationStatus] = []
  /// By whose rules the folder is read, and where the ledger is: "dbmate's, by its marks; the ledger is schema_migrations".
  package private(set) var heading: String
  /// What looks like a migration and is none, with the reason.
  package private(set) var skipped: [SkippedFile] = []
  /// Why `belay migrate` would not begin; nil: it would.
  package private(set) var refusal: BelayError?

  /// - Throws: where the ledger cannot be understood, or the folder's files cannot.
  package init(on connection: Connection, catalog: Catalog, context: RunContext) throws(BelayError) {
    let path = context.settings.migrations.folder
    do throws(BelayError) {
      if let adopted = try AdoptedFolder.find(path, on: connection, catalog: catalog, context: context) {
        heading = "\(path): \(adopted.tool.tool.name)'s (\(adopted.reason)); ledger \(adopted.history.table.name)"
        migrations = try adopted.statuses(on: connection, catalog: catalog, context: context)
        skipped = adopted.history.content.skipped
        refusal = Self.refusal { () throws(BelayError) in
          _ = try adopted.pending(MigrateRequest(), on: connection, catalog: catalog, context: context)
        }
        return
      }
    } catch {
      // A folder that is not there is one without files for what follows too, which says more of it.
      guard error.kind == .notFound else { throw error }
    }
    let settings = context.settings.migrations
    let convention = Convention(settings.convention, usualOf: connection.traits)
    let source = convention.source(folder: path)
    let history = try convention.history(
      table: settings.ledger, on: connection, catalog: catalog, context: context)
    heading = "\(path): \(convention == .plain ? "plain files" : "wrangler's"); ledger \(history.ledgerTable)"
    let applied = try history.applied(connection, catalog: catalog, context: context)
    do throws(BelayError) {
      let content = try source.read()
      skipped = content.skipped
      migrations = PlainStatus(source: source, content: content, applied: applied).migrations
    } catch {
      migrations = PlainStatus(source: source, content: SourceContent(files: []), applied: applied).migrations
      refusal = error
      return
    }
    refusal = Self.refusal { () throws(BelayError) in
      let elsewhere = try LedgersElsewhere(
        than: history.tables, catalog: catalog, connection: connection, context: context)
      _ = try PendingMigrations(source: source, request: MigrateRequest(), elsewhere: elsewhere).find(
        applied: applied, sharesFiles: history.sharesFiles)
    }
  }

  private static func refusal(_ body: () throws(BelayError) -> Void) -> BelayError? {
    do {
      try body()
      return nil
    } catch {
      return error
    }
  }

  package func count(_ state: MigrationStatus.State) -> Int { migrations.count { $0.state == state } }

  /// "2 applied, 1 pending"
  package var summary: String {
    let others: [(MigrationStatus.State, String)] = [(.changed, "changed"), (.missing, "missing")]
    let parts =
      ["\(count(.applied)) applied", "\(count(.pending)) pending"]
      + others.filter { count($0.0) > 0 }.map { "\(count($0.0)) \($0.1)" }
    return parts.joined(separator: ", ")
  }

  /// For a terminal.
  package var parts: [TextPart] {
    let rows = migrations.map { migration in
      [
        migration.state.rawValue, migration.name, migration.appliedAt ?? "", migration.by ?? "", migration.remark ?? "",
      ]
    }
    let header = ["state", "migration", "applied at", "by", "remark"]
    // An empty column at the end tells nothing.
    let columns = header.indices.filter { index in index < 2 || rows.contains { !$0[index].isEmpty } }
    let table = TextTable(
      header: columns.map { header[$0] }, rows: rows.map { row in columns.map { row[$0] } }, whole: 1)
    return [.line(heading)] + (rows.isEmpty ? [] : [.table(table)]) + skipped.map { .line("skipped \($0.line)") }
  }
}

extension AppliedHistory {
  /// The one that says what is applied.
  fileprivate var ledgerTable: String { tables.subtracting([receipts.table]).min() ?? receipts.table }
}

import BelayBase
import BelayChange
import BelayDatabase
import BelayDrivers

/// `belay status TARGET`: which migrations are applied and which are not. Reads only: no journal, no lock, no ledger.
package struct MigrationsShown {
  let context: RunContext
  package let access: TargetAccess
  package let request: StatusRequest

  package func run() throws(BelayError) -> RunResult {
    let connection = try access.open(readOnly: true, scratch: nil, operation: context.opening())
    defer { connection.close() }
    let catalog: Catalog
    do {
      catalog = try connection.catalog(operation: context.stoppable())
    } catch {
      throw BelayError(error, doing: "cannot read the schema", kind: .refused)
    }
    let listing = try MigrationListing(on: connection, catalog: catalog, context: context)
    let name = access.target.name ?? access.redactedURL
    for var migration in listing.migrations {
      migration.target = name
      context.narrator.tell(.migration(migration))
    }
    if let refusal = listing.refusal {
      context.narrator.tell(
        .finding(
          Finding(
            refusal.kind == .notFound ? .note : .warning, source: "migrations", rule: "refused", subject: name,
            message: "`belay migrate` would not begin: \(refusal.message)", hint: refusal.hint)))
    }
    let isDone = listing.count(.pending) == 0 && (listing.refusal.map { $0.kind == .notFound } ?? true)
    let isWarning = request.lacksBackup || (request.warnsOfPending && !isDone)
    return RunResult(
      isWarning ? .doneWithWarnings : .done, "\(name): \(listing.summary)"
    ).printing(listing.parts)
  }
}

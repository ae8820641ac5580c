import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore
import SystemPackage

/// `belay diff ID [OTHER]`: what differs between an archive and a database, or another archive. Only reads.
package struct Diff {
  private let context: RunContext
  private let request: DiffRequest
  private let output: FileDescriptor

  /// - Parameter output: where `--as` writes rows; stays open.
  package init(context: RunContext, request: DiffRequest, output: FileDescriptor) {
    self.context = context
    self.request = request
    self.output = output
  }

  /// Two archives: no driver.
  package func run() -> RunResult {
    do throws(BelayError) {
      let first = try open(request.id)
      let second = try open(request.other ?? request.id)
      let left = first.state.without(second.reader.manifest.scope)
      let right = second.state.without(first.reader.manifest.scope)
      tellLeftOut([first.reader, second.reader])
      return try compare(.archive(first.reader, left), with: .archive(second.reader, right)) {
        () throws(BelayError) in right.differences(from: left)
      }
    } catch {
      return RunResult(failure: error)
    }
  }

  /// An archive and a database.
  package func run(access: TargetAccess) -> RunResult {
    do throws(BelayError) {
      let first = try open(request.id)
      let recorded = first.reader.manifest.target
      guard access.driver.id == recorded.driver else {
        throw BelayError(
          .refused,
          "archive \(first.reader.manifest.id) was made by the driver \(recorded.driver), but \(access.redactedURL) belongs to the driver \(access.driver.id)",
          hint: "back that database up, and compare the two archives", state: "nothing was changed")
      }
      context.phase(.check, request.otherName)
      let connection = try access.open(readOnly: true, scratch: nil, operation: context.opening())
      defer { connection.close() }
      let reading = try StableReading(connection, context: context)
      defer { reading.end() }
      let catalog: Catalog
      do {
        catalog = try connection.catalog(operation: context.stoppable()).without(first.reader.manifest.scope)
      } catch {
        throw BelayError(error, doing: "cannot read the schema of \(access.redactedURL)", kind: .failed)
      }
      tellLeftOut([first.reader])
      return try compare(
        .archive(first.reader, first.state), with: .database(connection, catalog, name: request.otherName)
      ) { () throws(BelayError) in
        let state = try StateReader(context: context, what: "reading \(request.otherName)")
          .read(
            connection, keeping: { catalog in KnownTables(leftOut: catalog.tables(in: first.reader.manifest.scope)) }
          )
          .without(first.reader.manifest.scope)
        let rewording = Rewording(archive: recorded, now: connection.traits)
        return state.differences(from: first.state).filter { !rewording.explains($0) }
      }
    } catch {
      return RunResult(failure: context.cancellation.isCancelled ? context.interruption() : error)
    }
  }

  /// What an archive of a part has left out is compared with nothing.
  private func tellLeftOut(_ archives: [ArchiveReader]) {
    for case (let id, let scope?) in archives.map({ ($0.manifest.id, $0.manifest.scope) }) {
      context.log(.notice, "not compared, since \(id) holds a part of its database: \(scope.leftOut)")
    }
  }

  private func open(_ id: String) throws(BelayError) -> (reader: ArchiveReader, state: DatabaseState) {
    let reader = try context.store.archive(id).open(with: context.keys)
    return (reader, try DatabaseState.recorded(in: reader))
  }

  private func compare(
    _ first: DiffSide, with second: DiffSide, differences: () throws(BelayError) -> [StateDifference]
  ) throws(BelayError) -> RunResult {
    if request.data {
      return try DataDiff(context: context, request: request, output: output, first: first, second: second).result()
    }
    let archive = first.name
    let found = try differences().filter { !$0.isOfLock }
    guard !found.isEmpty else {
      return RunResult(.done, "\(second.name) is as \(archive): schema and rows are equal", archive: archive)
    }
    return RunResult(
      .doneWithWarnings,
      "\(second.name) differs from \(archive) in \(Counted.text(found.count, "thing")); "
        + "with --data, belay compares row by row", archive: archive, output: found.map(\.description))
  }
}

/// One transaction for all that is read, where the engine then shows one instant.
private struct StableReading {
  private let connection: Connection
  private let context: RunContext
  private let isInTransaction: Bool

  init(_ connection: Connection, context: RunContext) throws(BelayError) {
    self.connection = connection
    self.context = context
    isInTransaction = connection.traits.hasStableRead && connection.traits.hasTransactions
    guard isInTransaction else { return }
    do {
      _ = try connection.execute(connection.traits.begin, operation: context.stoppable())
    } catch {
      throw BelayError(error, doing: "cannot begin to read", kind: .failed)
    }
  }

  func end() {
    guard isInTransaction else { return }
    do {
      _ = try connection.execute(connection.traits.rollback, operation: context.unstoppable())
    } catch {
      // It ends with the connection.
      context.log(.debug, error.message)
    }
  }
}

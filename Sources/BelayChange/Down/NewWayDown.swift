import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore

/// The way down of a migration that has none: the files up to it run in an empty database, and the difference that the last
/// one makes to the schema is undone there.
package struct NewWayDown {
  private let run: Run
  private let version: String
  /// How a person calls the target.
  private let target: String

  package init(run: Run, version: String, target: String) {
    self.run = run
    self.version = version
    self.target = target
  }

  /// A draft, and where it goes.
  package struct Drafted {
    package let file: DraftedFile
    /// What is there now; nil: nothing.
    package let was: [UInt8]?
    package let migration: String
    package let statements: Int
    /// What it does not undo: a line each. Empty: up and down again leaves the schema as it was.
    package let missing: [String]
  }

  private var context: RunContext { run.context }
  private var untouched: String { "\(run.access.redactedURL) is untouched, and nothing was written" }

  /// Changes nothing but databases of its own.
  package func draft() throws(BelayError) -> Drafted {
    let catalog: Catalog
    do {
      catalog = try run.connection.catalog(operation: context.stoppable("reading the schema"))
    } catch {
      throw BelayError(error, doing: "cannot read the schema", kind: .refused, state: untouched)
    }
    let folder = try FolderUpTo(
      version, option: "the version", on: run.connection, catalog: catalog, context: context)
    guard let file = folder.files.last else {
      throw BelayError(.notFound, "there is no migration \(version)", state: untouched)
    }
    let place = try WayDownPlace(of: file, in: folder, settings: context.settings.migrations)
    try place.refuseFilled(on: run.connection, context: context)
    guard run.connection.hasScratch else {
      throw BelayError(
        .refused, "the driver \(run.access.driver.id) makes no scratch databases, in which belay would run the files",
        hint: "write the way down yourself, and try it with `belay migrate`", state: untouched)
    }
    let scratch = try Scratch.create(
      name: ScratchName.replay(of: run.id), access: run.access, target: run.connection, journal: run.journal,
      folder: run.scratchFolder, context: context)
    defer { scratch.drop() }
    let drafted = try draft(file, folder, catalog, in: scratch)
    let tool = folder.adopted?.tool
    let plain = drafted.text { statement in tool?.bracketed(statement) ?? statement }
    let text = tool?.framed(plain) ?? plain
    return Drafted(
      file: place.filled(with: text), was: place.was, migration: file.name, statements: drafted.statements,
      missing: drafted.losses + drafted.differences)
  }

  private func draft(
    _ file: MigrationFile, _ folder: FolderUpTo, _ catalog: Catalog, in scratch: Scratch
  ) throws(BelayError) -> DraftedWayDown {
    let replay = Replay(
      scratch: scratch, context: context, rules: folder.rules, state: untouched,
      purpose: "can belay see what \(file.name) does to it")
    let own = folder.ownTables(catalog)
    try replay.run(folder.files.dropLast())
    let before = try replay.catalog()
    let planned = try replay.run([file])
    let losses = WayDownLosses(
      migration: file.name, statements: planned.flatMap(\.allStatements), before: before,
      after: try replay.catalog(), archive: try archive(of: file, folder, catalog), target: target, ownTables: own)
    let connection = try scratch.open(operation: context.opening())
    defer { connection.close() }
    return try WayDownDrafter(
      replay: replay, before: before, ownTables: own, connection: connection, losses: losses
    ).draft(of: file.name)
  }

  /// Of the run that has applied it, if the store has it.
  private func archive(
    of file: MigrationFile, _ folder: FolderUpTo, _ catalog: Catalog
  ) throws(BelayError) -> String? {
    let receipts = folder.history.receipts
    guard receipts.exists(in: catalog),
      let row = try receipts.rows(run.connection, context: context).last(where: { $0.name == file.name })
    else { return nil }
    return try context.store.archives.archives().contains { $0.id == row.run } ? row.run : nil
  }
}

import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns

/// Shows that a database has the schema which the files of its folder make up to a version: they run in an empty database
/// beside it, and the two schemas are compared. Rows are not compared: no file says how many there are by now.
package struct SchemaAgreement {
  private let run: Run
  private let version: String

  package init(run: Run, version: String) {
    self.run = run
    self.version = version
  }

  private var context: RunContext { run.context }
  private var target: String { run.access.redactedURL }
  private var untouched: String { "\(target) is untouched" }

  /// More differences than a person reads.
  private static let mostShown = 20

  /// - Returns: whether what runs again whenever its text changes is in the database too.
  /// - Throws: where the schemas differ, and where that cannot be found out.
  package func check() throws(BelayError) -> Bool {
    context.phase(.check, "the schema of \(target) against the files")
    let catalog = try self.catalog(run.connection)
    let baseline = try LostLedger(version, on: run.connection, catalog: catalog, context: context)
    guard run.connection.hasScratch else {
      context.narrator.tell(
        .finding(
          Finding(
            .warning, source: "baseline", rule: "not-shown", subject: target,
            message:
              "that it has the schema which the files make cannot be shown: this driver makes no database to run "
              + "them in", hint: "compare the two yourself before you go on")))
      return false
    }
    let scratch = try Scratch.create(
      name: ScratchName.replay(of: run.id), access: run.access, target: run.connection, journal: run.journal,
      folder: run.scratchFolder, context: context)
    defer { scratch.drop() }
    let folder = baseline.folder
    let replay = Replay(
      scratch: scratch, context: context, rules: folder.rules, state: untouched,
      purpose: "can belay show that \(target) has it")
    try replay.run(folder.files)
    var found = try differences(catalog, folder, replay)
    guard !found.isEmpty, !folder.repeated.isEmpty else {
      try refuse(found)
      return false
    }
    try replay.run(folder.repeated)
    found = try differences(catalog, folder, replay)
    try refuse(found)
    return true
  }

  private func catalog(_ connection: Connection) throws(BelayError) -> Catalog {
    do {
      return try connection.catalog(operation: context.stoppable("reading the schema"))
    } catch {
      throw BelayError(error, doing: "cannot read the schema", kind: .refused, state: untouched)
    }
  }

  // MARK: Comparing

  private func differences(
    _ target: Catalog, _ folder: FolderUpTo, _ replay: Replay
  ) throws(BelayError) -> [StateDifference] {
    let made = ExpectedSchema(catalog: try replay.catalog(), ownTables: folder.ownTables(target))
    // A ledger may have a schema of its own.
    let schemas = Set(
      target.tables.filter { folder.history.tables.contains($0.name) }.map(\.schema))
    let copies = try copies(target)
    let found = made.differences(target).filter { difference in
      if case .objectAdded(let object) = difference { !copies.contains(object) } else { true }
    }
    // What belongs to a table that one side has not tells nothing more.
    let whole = Set(found.compactMap(Self.wholeTable))
    return found.filter { difference in
      switch difference {
      case .objectAdded(let object) where object.kind == "schema": !schemas.contains(object.name)
      case .objectAdded(let object), .objectMissing(let object):
        object.kind == "table" || !whole.contains(TableName(schema: object.schema, name: object.parent))
      default: true
      }
    }
  }

  /// Copies of tables that belay has made there, which no file makes.
  private func copies(_ target: Catalog) throws(BelayError) -> OwnTables {
    let recorded = try RecordedCopies(on: run.connection, catalog: target, context: context)
    return OwnTables([CopyLedger.table, CopyLedger.restores], placed: Set(recorded.copies.map(\.name)))
  }

  private static func wholeTable(_ difference: StateDifference) -> TableName? {
    switch difference {
    case .objectAdded(let object) where object.kind == "table", .objectMissing(let object) where object.kind == "table":
      TableName(schema: object.schema, name: object.name)
    default: nil
    }
  }

  private func refuse(_ found: [StateDifference]) throws(BelayError) {
    guard !found.isEmpty else { return }
    let lines = found.prefix(Self.mostShown).map(Self.line)
    let more = found.count > Self.mostShown ? ["and \(found.count - Self.mostShown) more"] : []
    throw BelayError(
      .refused, "\(target) does not have the schema which the files make up to \(version)",
      hint: "try another version; or bring the database and the files together first", state: untouched,
      causes: lines + more)
  }

  private static func line(_ difference: StateDifference) -> String {
    switch difference {
    case .objectMissing(let object): "the files make \(object.kind) \(object.label), and the database has none"
    case .objectAdded(let object): "the database has \(object.kind) \(object.label), and no file makes it"
    case .objectChanged(let object, _): "\(object.kind) \(object.label) is another one than the files make"
    case .rows: difference.description
    }
  }
}

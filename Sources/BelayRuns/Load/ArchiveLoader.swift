import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import CBelayDriver

/// Loads what an archive holds into a database: by the engine's own dump where there is one, else by the catalog's ddl
/// and the rows of the CSV members or of belay's own SQL text.
package struct ArchiveLoader {
  package let context: RunContext
  package let reader: ArchiveReader
  package var stoppable = true
  /// Whether what does not load speaks against the archive: it does where the database is an empty one of the same engine.
  package var proves = false

  package init(context: RunContext, reader: ArchiveReader, stoppable: Bool = true, proves: Bool = false) {
    self.context = context
    self.reader = reader
    self.stoppable = stoppable
    self.proves = proves
  }

  private var manifest: Manifest { reader.manifest }

  /// Whether `connection` can take the native dump.
  package func nativeMember(for connection: Connection) -> (name: String, format: String)? {
    guard let member = manifest.member(.native), let format = member.format,
      connection.formats().contains(where: { $0.name == format })
    else { return nil }
    return (member.name, format)
  }

  package func loadAll(into connection: Connection) throws(BelayError) {
    if let native = nativeMember(for: connection) {
      try loadNative(native, into: connection)
    } else {
      try loadRows(into: connection)
    }
  }

  /// The dump, and what the schema has that no dump holds: before it what comes before the first table, for the dump
  /// may refer to it, and after it the rest.
  package func loadNative(_ native: (name: String, format: String), into connection: Connection) throws(BelayError) {
    let objects = try DatabaseState.recorded(in: reader).catalog.objects
    let firstTable = objects.firstIndex { $0.kind == "table" } ?? objects.endIndex
    try loadOutsideDump(objects[..<firstTable], into: connection)
    try loadDump(native, into: connection)
    try loadOutsideDump(objects[firstTable...], into: connection, after: "the dump itself is restored")
  }

  /// Each ddl does no harm where the object is there already.
  /// - Parameter after: what has been done already.
  private func loadOutsideDump(
    _ objects: ArraySlice<SchemaObject>, into connection: Connection, after state: String? = nil
  ) throws(BelayError) {
    for object in objects where object.flags.contains(.outsideDump) && !object.ddl.isEmpty {
      do {
        try connection.executeArchived(object.ddl, kind: object.kind, operation: operation(""))
      } catch {
        throw failure(
          error, "cannot create \(object.kind) \(object.label), which archive \(manifest.id) contains outside the dump",
          state: state)
      }
    }
  }

  private func loadDump(_ native: (name: String, format: String), into connection: Connection) throws(BelayError) {
    do {
      let source = try reader.source(native.name)
      try connection.restoreDump(
        native.format, operation: operation("restoring \(native.name)"), from: { try source.read(into: $0) })
    } catch {
      let failure = failure(error, "cannot restore \(native.name) of archive \(manifest.id)")
      guard proves, let error = error as? DriverError, [.sql, .constraint].contains(error.code) else { throw failure }
      throw BelayError(
        .dumpRefused, failure.message, hint: failure.hint, state: failure.state, causes: failure.causes)
    }
  }

  /// Whether every table's rows can be loaded without a native dump.
  package var holdsAllRows: Bool { holdsAllCSV || manifest.textOfRows != nil }

  private var holdsAllCSV: Bool {
    let held = Set(manifest.members.filter { $0.kind == .csv }.compactMap(\.table))
    return manifest.tables.allSatisfy { held.contains($0.table) }
  }

  /// Into an empty database: every object's ddl in order, each table's rows behind its own.
  func loadRows(into connection: Connection) throws(BelayError) {
    try load(into: connection, replacing: [])
  }

  /// Takes everything out of a database and loads the archive's schema and rows, in one transaction where the driver's
  /// `load_begin` opens one.
  /// - Parameter afterBegin: called in that transaction, before anything is taken out; what it throws ends it.
  package func replaceRows(
    in connection: Connection, afterBegin: () throws(BelayError) -> Void = {}
  ) throws(BelayError) {
    let present: Catalog
    do {
      present = try connection.catalog(operation: operation(""))
    } catch {
      throw BelayError(error, doing: "cannot read the schema", kind: .failed)
    }
    try load(into: connection, replacing: present.objects, afterBegin: afterBegin)
  }

  private func load(
    into connection: Connection, replacing present: [SchemaObject], afterBegin: () throws(BelayError) -> Void = {}
  ) throws(BelayError) {
    let recorded = try DatabaseState.recorded(in: reader)
    let tables = Dictionary(
      recorded.catalog.tables.map { ($0.tableName, $0) }, uniquingKeysWith: { first, _ in first })
    var text = try holdsAllCSV ? nil : rowStatements(for: connection)
    try run(connection.traits.loadBegin, on: connection)
    do {
      try afterBegin()
      // Somebody may hold a lock in belay's own table: were it dropped, the lock would be free for an instant.
      let keepsLocks = present.contains(where: \.isOfLockTable)
      let tablesPresent = Set(present.filter { $0.kind == "table" }.map { TableName(schema: $0.schema, name: $0.name) })
      for object in present.reversed() where !object.isOfLockTable {
        // An index goes with its table, which may need it until then.
        if object.kind == "index", tablesPresent.contains(TableName(schema: object.schema, name: object.parent)) {
          continue
        }
        if let drop = object.dropStatement(connection.traits) { try run(drop, on: connection) }
      }
      for object in recorded.catalog.objects where !(keepsLocks && object.isOfLockTable) {
        if try isNotNeeded(object, in: connection) {
          try pass(object, in: &text)
          continue
        }
        try run(object, on: connection)
        try pass(object, in: &text)
        guard object.kind == "table", let table = tables[TableName(schema: object.schema, name: object.name)],
          table.hasRows
        else { continue }
        if text == nil {
          try load(table, into: connection)
        } else if let rows = counters(of: table) {
          try load(rows, into: table, connection)
        } else {
          try load(table, from: &text, into: connection)
        }
      }
      try finish(&text)
      try run(connection.traits.loadEnd, on: connection)
    } catch {
      // Of two errors the first is the one to tell.
      _ = try? connection.execute(connection.traits.rollback, operation: context.unstoppable())
      throw error
    }
  }

  /// In an archive of a part of a database, a table that the engine makes by itself may be one that no table of the part
  /// needs: then it is not there.
  private func isNotNeeded(_ object: SchemaObject, in connection: Connection) throws(BelayError) -> Bool {
    guard manifest.scope != nil, object.kind == "table", object.flags.contains(.internal) else { return false }
    do {
      return try !connection.catalog(operation: operation("")).objects.contains { $0.identity == object.identity }
    } catch {
      throw failure(error, "cannot read the schema")
    }
  }

  /// The rows of a table of counters, which no SQL text has; nil: it is another table.
  private func counters(of table: CatalogTable) -> [[Value]]? {
    guard let counters = manifest.table(table.tableName)?.counters else { return nil }
    return CounterRows(table)?.rows(counters)
  }

  private func load(_ rows: [[Value]], into table: CatalogTable, _ connection: Connection) throws(BelayError) {
    guard !rows.isEmpty else { return }
    do {
      try connection.load(rows, into: table, operation: operation("loading \(table.tableName)"))
    } catch {
      throw failure(error, "cannot load table \(table.tableName) of archive \(manifest.id)")
    }
  }

  /// One table with its rows into an empty database, with whatever stands before it in the catalog: its schema, its
  /// columns' types. What belongs to it and comes later, such as its indexes, is left out.
  package func loadAlone(_ table: CatalogTable, of recorded: Catalog, into connection: Connection) throws(BelayError) {
    try run(connection.traits.loadBegin, on: connection)
    for object in recorded.objects where !object.flags.contains(.outsideDump) {
      try run(object, on: connection)
      if object == table.object { break }
    }
    try load(table, of: recorded, into: connection)
    try run(connection.traits.loadEnd, on: connection)
  }

  /// Makes one table in a database that has it not, without its rows; in an empty database with whatever stands before it
  /// in the archive's catalog.
  package func make(
    _ table: CatalogTable, of recorded: Catalog, in connection: Connection, present: Catalog
  ) throws(BelayError) {
    let before = recorded.objects.filter { !$0.flags.contains(.outsideDump) }.prefix { $0 != table.object }
      .filter { $0.kind != "table" }
    let there = Set(present.objects.map(\.identity))
    let isEmpty = present.tables.allSatisfy { $0.flags.contains(.internal) }
    let needed = isEmpty ? nil : self.needed(by: table, of: before)
    for object in before where !there.contains(object.identity) && needed?.contains(object.identity) ?? true {
      try run(object, on: connection)
    }
    try run(table.object, on: connection)
  }

  /// Its schema, and what its statement names, such as types, with what that names.
  private func needed(by table: CatalogTable, of objects: [SchemaObject]) -> Set<ObjectIdentity> {
    let mentions = ObjectMentions(of: objects)
    let byIdentity = Dictionary(objects.map { ($0.identity, $0) }, uniquingKeysWith: { first, _ in first })
    var needed = Set(objects.filter { $0.kind == "schema" && $0.name == table.schema }.map(\.identity))
    var open = [table.object]
    while let object = open.popLast() {
      for identity in mentions.named(in: object.ddl, of: object) where needed.insert(identity).inserted {
        if let named = byIdentity[identity] { open.append(named) }
      }
    }
    return needed
  }

  /// Makes what belongs to tables that were just made and filled: their constraints, indexes, defaults, triggers.
  /// - Returns: what could not be made, and why: mostly that it refers to what is not in this database.
  package func makeBelongings(
    of tables: [CatalogTable], _ recorded: Catalog, in connection: Connection, present: Catalog
  ) -> [String] {
    let names = Set(tables.map(\.tableName))
    let belongings = recorded.objects.filter {
      $0.kind != "table" && names.contains(TableName(schema: $0.schema, name: $0.parent))
    }
    // Sequences that several tables use belong to none.
    let there = Set(present.objects.map(\.identity))
    let mentions = ObjectMentions(of: recorded.objects.filter { $0.kind == "sequence" && $0.parent.isEmpty })
    let shared = belongings.reduce(into: Set<ObjectIdentity>()) { $0.formUnion(mentions.named(in: $1.ddl, of: $1)) }
    let wanted = Set(belongings.map(\.identity)).union(shared.subtracting(there))
    var missing: [String] = []
    // An engine without schemas makes a trigger that names what is not there, and it fails when it is needed.
    let absent = ObjectMentions(
      of: recorded.objects.filter {
        $0.kind == "table" && !names.contains(TableName(schema: $0.schema, name: $0.name))
          && !there.contains($0.identity)
      })
    for object in recorded.objects where wanted.contains(object.identity) {
      if object.schema.isEmpty, object.kind == "trigger",
        let table = absent.named(in: object.ddl, of: object).map(\.name).min()
      {
        missing.append("\(object.kind) \(object.label): it names table \(table), which is not there")
        continue
      }
      do {
        try run(object, on: connection)
      } catch {
        missing.append("\(object.kind) \(object.label): \(error.causes.first ?? error.message)")
      }
    }
    return missing
  }

  /// Adds the archive's rows to a table that exists. Not in a transaction of its own.
  package func load(_ table: CatalogTable, of recorded: Catalog, into connection: Connection) throws(BelayError) {
    guard manifest.member(.csv, table: table.tableName) == nil else { return try load(table, into: connection) }
    var text = try rowStatements(for: connection)
    guard text != nil else { throw noRows(of: table) }
    for object in recorded.objects {
      try pass(object, in: &text)
      if object == table.object { return try load(table, from: &text, into: connection) }
      if object.kind == "table", let other = recorded.tables.first(where: { $0.object == object }) {
        try load(other, from: &text, into: nil)
      }
    }
  }

  /// Adds the archive's rows to a table of another name, with the same columns.
  package func load(
    _ table: CatalogTable, as place: CatalogTable, into connection: Connection
  ) throws(BelayError) {
    try each(of: table) { batch in
      try connection.load(batch, into: place, operation: operation("loading \(place.tableName)"))
    }
  }

  /// The archive's rows, a batch of all stored columns at a time, which is valid within the call.
  package func each(of table: CatalogTable, _ body: (belay_batch) throws -> Void) throws(BelayError) {
    let name = table.tableName
    guard let member = manifest.member(.csv, table: name) else { throw noRows(of: table) }
    do {
      try reader.eachBatch(of: member.name, body)
    } catch {
      throw failure(error, "cannot load table \(name) of archive \(manifest.id)")
    }
  }

  private func noRows(of table: CatalogTable) -> BelayError {
    BelayError(
      .notFound, "archive \(manifest.id) contains no rows of table \(table.tableName) that can be loaded alone",
      hint: manifest.member(.native) == nil
        ? "belay loads rows from CSV and SQL; this archive has neither" : "restore the whole archive instead")
  }

  // MARK: Rows in SQL text

  private func rowStatements(for connection: Connection) throws(BelayError) -> RowStatements? {
    do {
      return try RowStatements(reader, quote: connection.traits.identifierQuote)
    } catch {
      throw failure(error, "cannot read the SQL text of archive \(manifest.id)")
    }
  }

  private func pass(_ object: SchemaObject, in text: inout RowStatements?) throws(BelayError) {
    do {
      try text?.pass(object)
    } catch {
      throw failure(error, "cannot read the SQL text of archive \(manifest.id)")
    }
  }

  private func finish(_ text: inout RowStatements?) throws(BelayError) {
    do {
      try text?.finish()
    } catch {
      throw failure(error, "cannot read the SQL text of archive \(manifest.id)")
    }
  }

  /// - Parameter connection: nil: the rows are passed over.
  private func load(
    _ table: CatalogTable, from text: inout RowStatements?, into connection: Connection?
  ) throws(BelayError) {
    do {
      try text?.each(of: table) { statement in
        guard let connection else { return }
        try connection.executeArchived(
          statement, kind: "rows", operation: operation("loading \(table.tableName)"))
      }
    } catch {
      throw failure(error, "cannot load table \(table.tableName) of archive \(manifest.id)")
    }
  }

  private func load(_ table: CatalogTable, into connection: Connection) throws(BelayError) {
    try load(table, as: table, into: connection)
  }

  /// Makes an object of the archive. Whoever wrote the archive: the driver refuses what makes none of that kind.
  private func run(_ object: SchemaObject, on connection: Connection) throws(BelayError) {
    guard !object.ddl.isEmpty else { return }
    do {
      try connection.executeArchived(object.ddl, kind: object.kind, operation: operation(""))
    } catch {
      throw failure(error, "cannot recreate the schema of archive \(manifest.id)")
    }
  }

  /// Runs what the driver or belay itself has written.
  private func run(_ sql: String, on connection: Connection) throws(BelayError) {
    guard !sql.isEmpty else { return }
    do {
      _ = try connection.execute(sql, operation: operation(""))
    } catch {
      throw failure(error, "cannot recreate the schema of archive \(manifest.id)")
    }
  }

  private func failure(_ error: any Error, _ doing: String, state: String? = nil) -> BelayError {
    proves
      ? BelayError(any: error, proving: doing, otherwise: .failed, state: state)
      : BelayError(any: error, doing: doing, kind: .failed, state: state)
  }

  private func operation(_ what: String) -> BelayDrivers.Operation {
    stoppable ? context.stoppable(what) : context.unstoppable(what)
  }
}

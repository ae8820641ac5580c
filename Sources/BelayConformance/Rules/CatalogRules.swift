import BelayDrivers
import BelayRows

extension Rule {
  /// 501 to 508: the schema, and the SQL that belay makes of it.
  static let catalog: [Rule] = [
    Rule(
      501, .catalog, "a table comes directly before its columns, no object comes twice, and the primary key is marked"
    ) {
      bench in
      let connection = try bench.fillWholly()
      let objects = try connection.catalog(operation: bench.operation).objects
      var seen: Set<ObjectIdentity> = []
      var table: SchemaObject?
      for object in objects {
        try expect(seen.insert(object.identity).inserted, "\(object.kind) \(object.name) comes twice")
        switch object.kind {
        case "table": table = object
        case "column":
          try expect(
            object.parent == table?.name && object.schema == table?.schema,
            "column \(object.name) of \(object.parent) does not follow its table")
        default: table = nil
        }
      }
      let own = try bench.table(connection)
      try expect(own.hasRows, "the specimen's table is marked as having no rows of its own")
      try expect(own.storedColumns[0].flags.contains(.primaryKey), "the first column is not marked as the primary key")
      try expect(own.storedColumns[0].flags.contains(.notNull), "the key is not marked NOT NULL")
    },

    Rule(502, .catalog, "the catalog stays the same if the database does not change, on every connection") { bench in
      let connection = try bench.fillWholly()
      let shape = try connection.catalog(operation: bench.operation).shape
      try expect(try connection.catalog(operation: bench.operation).shape == shape, "the second time, it is different")
      try expect(
        try bench.open().catalog(operation: bench.operation).shape == shape, "on a second connection, it is different")
    },

    Rule(503, .catalog, "the catalog's ddl and the rows, in its order, recreate the database in an empty one") {
      bench in
      try bench.needsTables()
      let source = try bench.fillWholly()
      let copy = try bench.create("copy")
      try copy.load(from: source, bench)
      let expected = try bench.content(source)
      try bench.expectContent(expected, copy, "recreated from its catalog")
      // As on a database that is rolled back in place: it has its objects, and these have run there before.
      for statement in [source.traits.loadBegin, source.traits.loadEnd] where !statement.isEmpty {
        try copy.execute(statement, operation: bench.operation)
      }
      try bench.expectContent(expected, copy, "after load_begin and load_end, run again")
    },

    Rule(504, .catalog, "the catalog changes when the schema changes, and only then") { bench in
      try bench.needsTables()
      let connection = try bench.fill()
      var shape = try connection.catalog(operation: bench.operation).shape
      for statement in bench.specimen.schema {
        try connection.execute(statement, operation: bench.operation)
        let now = try connection.catalog(operation: bench.operation).shape
        let isData = ["INSERT", "UPDATE", "DELETE", "SELECT"].contains { statement.uppercased().hasPrefix($0) }
        // An object that stores a counter may be part of the catalog.
        let names = { (objects: [SchemaObject]) in objects.map(\.identity) }
        if isData {
          try expect(names(now) == names(shape), "the objects are different after: \(statement)")
        } else {
          try expect(now != shape, "the catalog is the same after: \(statement)")
        }
        shape = now
      }
    },

    Rule(505, .catalog, "belay's ledger can be made, written by parameters and by literals, read, and has its name") {
      bench in
      try bench.needsTables()
      let connection = try bench.create()
      let ledger = LedgerStatements(table: "belay_migrations", traits: connection.traits)
      try connection.execute(ledger.creation, operation: bench.operation)
      let rows: [[Value]] = [
        [.text("1_it's.sql"), .text("ab"), .text("2026-11-20T14:30:22Z"), .text("run"), .integer(12)],
        [.text("2.sql"), .text("cd"), .text("2026-11-20T14:30:23Z"), .text("run"), .integer(0)],
      ]
      try connection.execute(ledger.insertion, rows: [rows[0]], operation: bench.operation)
      try connection.execute(
        ledger.insertion(name: "2.sql", sha256: "cd", appliedAt: "2026-11-20T14:30:23Z", run: "run", milliseconds: 0),
        operation: bench.operation)
      let tables = try connection.catalog(operation: bench.operation).tables
      guard var table = tables.first(where: { $0.name == "belay_migrations" }) else {
        throw Broken("the catalog has no table belay_migrations, but \(tables.map(\.name))")
      }
      table.columns.removeAll { $0.flags.contains(.implicit) }
      try expect(
        table.columns.map(\.name) == LedgerStatements.columns, "its columns are called \(table.columns.map(\.name))")
      let found = try connection.values(table.selectStatement(connection.traits), operation: bench.operation)
      try expect(Set(found) == Set(rows), "\(rows.shown) were written, and \(found.shown) come back")
      try connection.execute(ledger.deletion(of: "1_it's.sql"), operation: bench.operation)
      let left = try connection.values(table.selectStatement(connection.traits), operation: bench.operation)
      try expect(left == [rows[1]], "after one was deleted, \(left.shown) come back")
    },

    Rule(506, .catalog, "each object is removed by its drop, or by DROP … IF EXISTS where it has none") { bench in
      try bench.needsTables()
      let connection = try bench.fillWholly()
      let objects = try connection.catalog(operation: bench.operation).objects
      let tables = Set(objects.filter { $0.kind == "table" }.map { [$0.schema, $0.name] })
      try connection.execute(connection.traits.loadBegin, operation: bench.operation)
      // As a restore does it: last made, first removed; an index goes with its table.
      for object in objects.reversed() where object.kind != "index" || !tables.contains([object.schema, object.parent])
      {
        guard let drop = object.dropStatement(connection.traits) else { continue }
        try connection.execute(drop, operation: bench.operation)
      }
      try connection.execute(connection.traits.loadEnd, operation: bench.operation)
      let left = try connection.catalog(operation: bench.operation).objects
        .filter { ["table", "view", "index", "trigger"].contains($0.kind) && !$0.flags.contains(.internal) }
      try expect(left.isEmpty, "after the drops, \(left.first?.kind ?? "") \(left.first?.name ?? "") is still there")
    },

    Rule(507, .catalog, "the SQL text of a backup, within the limits of the traits, makes the same database again") {
      bench in
      try bench.needsTables()
      let source = try bench.fillWholly()
      try bench.insert([[.text("a line\r\nand another"), .text("it's \"quoted\", 50 % \\ done")]], into: source)
      let expected = try bench.content(source)
      let isRendered = try source.rendersDumps(operation: bench.operation)
      let text = isRendered ? try source.renderedText(bench) : try source.backupText(bench)
      // Text of the engine's own is for the engine's client.
      if !isRendered {
        let copy = try bench.create("copy")
        try copy.execute(String(decoding: text, as: UTF8.self), operation: bench.operation)
        try copy.loadCounters(of: source, bench)
        try bench.expectContent(expected, copy, "loaded from the SQL text")
      }
      do {
        try bench.restoreByHand(text, source.traits) { restored in
          if !isRendered { try restored.loadCounters(of: source, bench) }
          try bench.expectContent(expected, restored, "loaded from the SQL text as restore_steps say")
        }
      } catch let skip as Skip {
        if isRendered { throw skip }
      }
    },

    Rule(
      508, .catalog,
      "with ALTERS_COLUMNS, a flag or an object of any kind shows NOT NULL, a default and a CHECK of a column"
    ) { bench in
      let connection = try bench.create()
      guard connection.traits.altersColumns else { throw Skip("the traits do not claim ALTERS_COLUMNS") }
      let quoted = connection.traits.quoted(_:)
      try connection.execute(
        """
        CREATE TABLE \(quoted("conditions")) (\(quoted("id")) INTEGER NOT NULL PRIMARY KEY, \(quoted("plain")) INTEGER, \
        \(quoted("needed")) INTEGER NOT NULL, \(quoted("filled")) INTEGER DEFAULT 7, \
        \(quoted("checked")) INTEGER CHECK (\(quoted("checked")) > 0))
        """, operation: bench.operation)
      let catalog = try connection.catalog(operation: bench.operation)
      guard let table = catalog.tables.first(where: { $0.name == "conditions" }) else {
        throw Broken("the catalog has no table conditions, but \(catalog.tables.map(\.name))")
      }
      let columns = table.columns.filter { !$0.flags.contains(.implicit) }
      try expect(columns.count == 5, "a table of 5 columns has \(columns.count)")
      for (column, flag, word) in [
        (columns[2], ObjectFlags.notNull, "NOT NULL"), (columns[3], .hasDefault, "DEFAULT"),
        (columns[4], .isChecked, "CHECK"),
      ] {
        try expect(
          column.flags.contains(flag) || !catalog.parts(of: table, about: column).isEmpty,
          "neither a flag of column \(column.name) nor an object tells of its \(word). An object tells of it if its parent "
            + "is the table or the column, and its definition or ddl names the column; such objects are: "
            + "\(catalog.parts(of: table).map { "\($0.kind) \($0.name)" })")
        try expect(!columns[1].flags.contains(flag), "a plain column is marked as one with a \(word)")
      }
    },
  ]
}

extension Connection {
  /// Makes this empty database equal to another one, as the host does if the engine has no dump.
  func load(from source: Connection, _ bench: Bench) throws {
    let catalog = try source.catalog(operation: bench.operation)
    let tables = Dictionary(uniqueKeysWithValues: catalog.tables.map { ($0.object.identity, $0) })
    func run(_ sql: String) throws {
      if !sql.isEmpty { try execute(sql, operation: bench.operation) }
    }
    try run(source.traits.loadBegin)
    for object in catalog.objects {
      if !object.ddl.isEmpty { try executeArchived(object.ddl, kind: object.kind, operation: bench.operation) }
      guard let table = tables[object.identity], table.hasRows, !table.storedColumns.isEmpty else { continue }
      try source.read(
        table, operation: bench.operation, rows: { try load($0, into: table, operation: bench.operation) })
    }
    try run(source.traits.loadEnd)
  }
}

extension Catalog {
  /// What belongs to a table and is no column of it, such as its constraints, whatever kinds the driver has for them.
  fileprivate func parts(of table: CatalogTable) -> [SchemaObject] {
    let parents = Set([table.name] + table.columns.map(\.name))
    return objects.filter {
      !["table", "column"].contains($0.kind) && $0.schema == table.schema && parents.contains($0.parent)
    }
  }

  /// Those of them that say something of a column.
  fileprivate func parts(of table: CatalogTable, about column: SchemaObject) -> [SchemaObject] {
    // A text may have the names as they were typed.
    let name = column.name.lowercased()
    return parts(of: table).filter { part in
      part.name == column.name || [part.definition, part.ddl].contains { $0.lowercased().contains(name) }
    }
  }
}

import BelayDrivers

extension Rule {
  /// 501 to 504: the schema.
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
      try bench.expectContent(bench.content(source), copy, "recreated from its catalog")
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
      try run(object.ddl)
      guard let table = tables[object.identity], table.hasRows, !table.storedColumns.isEmpty else { continue }
      try source.read(
        table, operation: bench.operation, rows: { try load($0, into: table, operation: bench.operation) })
    }
    try run(source.traits.loadEnd)
  }
}

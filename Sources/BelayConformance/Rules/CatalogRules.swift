import BelayDrivers

extension Rule {
  /// 501 to 504: the schema.
  static let catalog: [Rule] = [
    Rule(501, .catalog, "a table comes directly before its columns, no identity comes twice, and the key is told") {
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
            "column \(object.name) of \(object.parent) does not come behind its table")
        default: table = nil
        }
      }
      let own = try bench.table(connection)
      try expect(own.hasRows, "the table of the specimen is said to have no rows of its own")
      try expect(own.storedColumns[0].flags.contains(.primaryKey), "the first column is not said to be the key")
      try expect(own.storedColumns[0].flags.contains(.notNull), "the key is not said to be NOT NULL")
    },

    Rule(502, .catalog, "the catalog of a database that did not change is the same, whoever asks") { bench in
      let connection = try bench.fillWholly()
      let shape = try connection.catalog(operation: bench.operation).shape
      try expect(try connection.catalog(operation: bench.operation).shape == shape, "asked twice, it is another one")
      try expect(
        try bench.open().catalog(operation: bench.operation).shape == shape, "a second connection has another one")
    },

    Rule(503, .catalog, "its ddl and the rows, in its order, make the same database again from an empty one") { bench in
      try bench.needsTables()
      let source = try bench.fillWholly()
      let copy = try bench.create("copy")
      try copy.load(from: source, bench)
      try bench.expectContent(bench.content(source), copy, "recreated from its catalog")
    },

    Rule(504, .catalog, "whatever changes the schema changes the catalog, and nothing else does") { bench in
      try bench.needsTables()
      let connection = try bench.fill()
      var shape = try connection.catalog(operation: bench.operation).shape
      for statement in bench.specimen.schema {
        try connection.execute(statement, operation: bench.operation)
        let now = try connection.catalog(operation: bench.operation).shape
        let isData = ["INSERT", "UPDATE", "DELETE", "SELECT"].contains { statement.uppercased().hasPrefix($0) }
        // What holds a counter may be part of the catalog.
        let names = { (objects: [SchemaObject]) in objects.map(\.identity) }
        if isData {
          try expect(names(now) == names(shape), "other objects are there after: \(statement)")
        } else {
          try expect(now != shape, "the catalog is the same after: \(statement)")
        }
        shape = now
      }
    },
  ]
}

extension Connection {
  /// Makes this empty database equal to another one: as the host does it where the engine has no dump.
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

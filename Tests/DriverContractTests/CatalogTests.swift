import BelayDrivers
import Testing

@Suite("Contract: the catalog")
struct CatalogTests {
  @Test("a table comes directly before its columns, and no identity comes twice", arguments: ContractSubject.all)
  func order(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let connection = try bench.fillWholly()
    let catalog = try connection.catalog(operation: bench.operation)
    #expect(Set(catalog.objects.map(\.identity)).count == catalog.objects.count)
    var table: CatalogObject?
    for object in catalog.objects {
      switch object.kind {
      case "table": table = object
      case "column": #expect(object.parent == table?.name && object.schema == table?.schema, "\(object.name)")
      default: table = nil
      }
    }
    let own = try bench.table(connection)
    #expect(own.storedColumns.count == 2)
    #expect(own.storedColumns[0].flags.contains(.primaryKey))
    #expect(own.hasRows)
  }

  @Test("the catalog of a database that did not change is the same, whoever asks", arguments: ContractSubject.all)
  func stable(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let connection = try bench.fillWholly()
    let shape = try connection.catalog(operation: bench.operation).shape
    #expect(try connection.catalog(operation: bench.operation).shape == shape)
    #expect(try bench.open().catalog(operation: bench.operation).shape == shape)
  }

  @Test("its ddl and the rows, in its order, make the same database again", arguments: ContractSubject.all)
  func recreate(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let source = try bench.fillWholly()
    let copy = try bench.create("copy")
    let catalog = try source.catalog(operation: bench.operation)
    let tables = Dictionary(uniqueKeysWithValues: catalog.tables.map { ($0.object.identity, $0) })
    try execute(source.traits.loadBegin, on: copy, bench)
    for object in catalog.objects {
      try execute(object.ddl, on: copy, bench)
      guard let table = tables[object.identity], table.hasRows, !table.storedColumns.isEmpty else { continue }
      let rows = try source.values(bench.selection(table, source), operation: bench.operation)
      try copy.execute(bench.insertion(into: table, source), rows: rows, operation: bench.operation)
    }
    try execute(source.traits.loadEnd, on: copy, bench)
    #expect(try copy.catalog(operation: bench.operation).shape == catalog.shape)
    #expect(try bench.allRows(copy) == bench.allRows(source))
  }

  private func execute(_ sql: String, on connection: Connection, _ bench: Bench) throws {
    if !sql.isEmpty { try connection.execute(sql, operation: bench.operation) }
  }
}

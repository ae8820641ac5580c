import BelayABI
import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRows
import BelayRuns

/// The counters, such as sequences, that give new rows of a table their keys: after rows were restored they must not give out
/// a key that is there. They are only ever moved on.
struct RestoredCounters {
  private let run: Run
  /// Of the archive; those of other engines have other names, or none.
  private let recorded: [Counter]

  /// - Parameter reader: the archive that the rows are of.
  init(run: Run, reader: ArchiveReader) {
    self.run = run
    recorded = reader.manifest.tables.compactMap(\.counters).flatMap { $0 }
  }

  /// - Parameter tables: of the target, with rows that were restored; within their transaction.
  func moveOn(_ tables: [TableName]) throws {
    let catalog = try run.connection.catalog(operation: run.context.stoppable())
    for list in catalog.tables {
      guard let rows = CounterRows(list), var collector = CounterCollector(list) else { continue }
      try run.connection.read(list, operation: run.context.stoppable(), rows: { collector.add($0) })
      var further: [Counter] = []
      for present in collector.counters {
        guard let counter = try moved(present, tables, catalog) else { continue }
        further.append(counter)
      }
      guard !further.isEmpty else { continue }
      try run.connection.load(rows.rows(further), into: list, operation: run.context.stoppable("setting counters"))
    }
  }

  /// nil: it is of another table, or far enough already.
  private func moved(_ present: Counter, _ tables: [TableName], _ catalog: Catalog) throws -> Counter? {
    guard present.key.count == 2, present.step != 0 else { return nil }
    let name = TableName(schema: present.key[0], name: present.key[1])
    guard let sequence = catalog.objects.first(where: { $0.kind == "sequence" && $0.ownName == name }) else {
      return nil
    }
    let users = tables.filter { $0 == sequence.parentName || !defaults(of: $0, by: sequence, catalog).isEmpty }
    guard !users.isEmpty else { return nil }
    var counter = present
    if let known = recorded.first(where: { $0.key == present.key }), known.isFurther(than: counter) {
      counter.value = known.value
    }
    for table in users {
      guard let last = try lastKey(of: table, sequence, catalog, ascending: present.step > 0) else { continue }
      let found = Counter(key: present.key, value: last, step: present.step)
      if found.isFurther(than: counter) { counter.value = last }
    }
    return counter.value == present.value ? nil : counter
  }

  /// The columns of a table whose defaults name a sequence.
  private func defaults(of table: TableName, by sequence: SchemaObject, _ catalog: Catalog) -> [String] {
    let mentions = ObjectMentions(of: [sequence])
    return catalog.objects.filter {
      $0.kind == "default" && $0.ownTable == table && !mentions.named(in: $0.definition, of: $0).isEmpty
    }.map(\.name)
  }

  /// The last key in the column that the sequence fills; nil: there is none, or it is not known which column that is.
  private func lastKey(
    of table: TableName, _ sequence: SchemaObject, _ catalog: Catalog, ascending: Bool
  ) throws -> Int64? {
    guard let found = catalog.table(table) else { return nil }
    let defaults = defaults(of: table, by: sequence, catalog)
    let columns = found.storedColumns.filter { column in
      defaults.contains(column.name) || sequence.definition.contains("IDENTITY OF ") && column.isNamed(in: sequence)
    }
    guard columns.count == 1, let column = columns.first else { return nil }
    let traits = run.connection.traits
    let values = try run.connection.values(
      "SELECT \(ascending ? "max" : "min")(\(traits.quoted(column.name))) FROM \(traits.quoted(schema: table.schema, name: table.name))",
      operation: run.context.stoppable())
    guard case .integer(let last)? = values.first?.first else { return nil }
    return last
  }
}

extension Counter {
  /// It has given out all that the other one has, and more.
  fileprivate func isFurther(than other: Counter) -> Bool { self != other && hasMovedOn(from: other) }
}

extension SchemaObject {
  /// `IDENTITY OF schema.table.column`
  fileprivate func isNamed(in sequence: SchemaObject) -> Bool {
    let column = SchemaObject(kind: "column", schema: parent, name: name)
    return !ObjectMentions(of: [column]).named(in: sequence.definition, of: sequence).isEmpty
  }
}

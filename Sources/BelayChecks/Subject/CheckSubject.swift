import BelayBase
import BelayDatabase
import BelayDrivers

/// The database that checks are about: finds what they name in it. Reads the schema once, and only for a rule that needs it.
package final class CheckSubject {
  package let connection: Connection
  let backup: LastBackup
  private var known: Catalog?

  package init(_ connection: Connection, backup: LastBackup) {
    self.connection = connection
    self.backup = backup
  }

  var traits: Traits { connection.traits }

  func catalog(_ operation: BelayDrivers.Operation) throws(Unmeasured) -> Catalog {
    if let known { return known }
    do {
      let read = try connection.catalog(operation: operation)
      known = read
      return read
    } catch {
      throw .broken(BelayError(error, doing: "cannot read the schema", kind: .checkFailed))
    }
  }

  /// A table or a view by its name, with or without its schema, quoted or not.
  func relation(_ typed: String, _ operation: BelayDrivers.Operation) throws(Unmeasured) -> Relation {
    let catalog = try catalog(operation)
    let relations = Relation.all(of: catalog)
    let parts = DatabaseState.unquoted(typed)
    let found = Relation.best(
      relations, { $0.object.name == typed || $0.label == typed }, { parts == [$0.object.name] || parts == $0.path },
      {
        $0.object.name.lowercased() == typed.lowercased()
          || $0.path.joined(separator: ".").lowercased() == typed.lowercased()
      })
    guard let relation = found.first else {
      let names = relations.map(\.object.name) + relations.map(\.label)
      throw .missing(
        "no table \(typed)", hint: NearestName.to(typed, among: names).map { "did you mean \($0)?" })
    }
    guard found.count == 1 else {
      throw .broken(
        BelayError(
          .checkFailed, "the database has \(found.count) tables named \(typed)",
          hint: "write the schema in front: " + found.map(\.label).joined(separator: ", ")))
    }
    return relation
  }
}

/// What a rule can be about: a table or a view.
struct Relation {
  let object: SchemaObject
  /// Of a view, where the driver tells them.
  let columns: [SchemaObject]

  var label: String { object.schema.isEmpty ? object.name : "\(object.schema).\(object.name)" }
  var path: [String] { object.schema.isEmpty ? [object.name] : [object.schema, object.name] }
  var isTable: Bool { object.kind == "table" }
  var table: CatalogTable { CatalogTable(object: object, columns: columns) }

  func quoted(_ traits: Traits) -> String { traits.quoted(schema: object.schema, name: object.name) }

  static func all(of catalog: Catalog) -> [Relation] {
    struct Key: Hashable { var schema, name: String }
    let columns = Dictionary(grouping: catalog.objects.filter { $0.kind == "column" }) {
      Key(schema: $0.schema, name: $0.parent)
    }
    return catalog.objects.filter { $0.kind == "table" || $0.kind.hasSuffix("view") }.map {
      Relation(object: $0, columns: columns[Key(schema: $0.schema, name: $0.name)] ?? [])
    }
  }

  /// Those that match the first way in which any does.
  static func best(_ relations: [Relation], _ ways: (Relation) -> Bool...) -> [Relation] {
    for way in ways {
      let found = relations.filter(way)
      if !found.isEmpty { return found }
    }
    return []
  }

  /// nil: it is a view whose columns the driver does not tell.
  func column(_ typed: String) throws(Unmeasured) -> SchemaObject? {
    if columns.isEmpty, !isTable { return nil }
    let found =
      columns.first { $0.name == typed } ?? columns.first { $0.name.lowercased() == typed.lowercased() }
    guard let found else {
      throw .missing(
        "no column \(typed) in \(label)",
        hint: NearestName.to(typed, among: columns.map(\.name)).map { "did you mean \($0)?" })
    }
    return found
  }

  func quotedColumn(_ typed: String, _ traits: Traits) throws(Unmeasured) -> String {
    traits.quoted(try column(typed)?.name ?? typed)
  }

  func quotedColumns(_ typed: [String], _ traits: Traits) throws(Unmeasured) -> [String] {
    var quoted: [String] = []
    for name in typed { quoted.append(try quotedColumn(name, traits)) }
    return quoted
  }

  /// What tells one row from another; empty: nothing that was declared.
  var key: [String] { columns.filter { $0.flags.contains(.primaryKey) }.map(\.name) }
}

import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers

/// The SQL that makes a table equal to a copy of it.
///
/// With a primary key, rows that are equal already are not touched, so that what belongs to them stays and no trigger runs:
/// rows that the copy lacks go, rows that differ get its values, rows that are missing come back. Without one, all rows are
/// exchanged. Columns that the copy does not have are not written: rows that come back get their defaults.
struct RestoringStatements {
  private let live: CatalogTable
  private let copy: CatalogTable
  private let traits: Traits
  /// By these a row of the one is found in the other; empty: all rows are exchanged.
  private let matched: [SchemaObject]
  /// Columns of which the engine cannot tell whether two values are equal.
  private let incomparable: Set<String>

  /// Of the key of the copy, while its rows are looked for.
  private let indexName: String
  private static let (here, there) = ("belay_live", "belay_copy")

  /// - Parameters:
  ///   - live: the table, with those of its columns that the copy has.
  ///   - copy: with the same columns, in the same order.
  ///   - index: a name that no index has.
  init(
    live: CatalogTable, copy: CatalogTable, key: [SchemaObject], incomparable: Set<String>, traits: Traits,
    index: String
  ) {
    indexName = index
    self.live = live
    self.copy = copy
    self.traits = traits
    self.incomparable = incomparable
    let names = Set(key.map(\.name))
    // What the engine numbers by itself can be given to a new row, but not changed in one that is there.
    matched = key.isEmpty ? [] : key + live.columns.filter { !names.contains($0.name) && $0.isAlwaysIdentity }
  }

  var hasKey: Bool { !matched.isEmpty }

  /// In their order.
  var all: [String] {
    guard hasKey else { return ["DELETE FROM \(quoted(live))", insertion(where: "")] }
    let key = matched.filter { !incomparable.contains($0.name) }.map { traits.quoted($0.name) }.joined(separator: ", ")
    let index = traits.quoted(schema: copy.schema, name: indexName)
    var statements = ["CREATE INDEX \(traits.quoted(indexName)) ON \(quoted(copy)) (\(key))"]
    statements.append("DELETE FROM \(quoted(live)) AS \(Self.here) WHERE NOT EXISTS (\(match(in: copy, Self.there)))")
    if let update { statements.append(update) }
    statements.append(insertion(where: " WHERE NOT EXISTS (\(match(in: live, Self.here)))"))
    return statements + ["DROP INDEX \(index)"]
  }

  // MARK: The statements

  private var update: String? {
    let names = Set(matched.map(\.name))
    let written = live.columns.filter { !names.contains($0.name) }
    guard !written.isEmpty else { return nil }
    let differs = written.map(differs).joined(separator: " OR ")
    let values = written.map { column(Self.there, $0) }.joined(separator: ", ")
    let targets = written.map { traits.quoted($0.name) }.joined(separator: ", ")
    return "UPDATE \(quoted(live)) AS \(Self.here) SET \(written.count > 1 ? "(\(targets))" : targets) = "
      + "(\(match(in: copy, Self.there, selecting: values))) "
      + "WHERE EXISTS (\(match(in: copy, Self.there)) AND (\(differs)))"
  }

  private func insertion(where condition: String) -> String {
    let columns = live.columns.map { traits.quoted($0.name) }.joined(separator: ", ")
    let values = live.columns.map { column(Self.there, $0) }.joined(separator: ", ")
    // Standard SQL, and needed only where the engine knows such columns.
    let overriding = live.columns.contains(where: \.isAlwaysIdentity) ? " OVERRIDING SYSTEM VALUE" : ""
    return "INSERT INTO \(quoted(live)) (\(columns))\(overriding) "
      + "SELECT \(values) FROM \(quoted(copy)) AS \(Self.there)\(condition)"
  }

  /// The row of a table that has the key of the row at hand.
  private func match(in table: CatalogTable, _ alias: String, selecting what: String = "1") -> String {
    "SELECT \(what) FROM \(quoted(table)) AS \(alias) WHERE \(matched.map(same).joined(separator: " AND "))"
  }

  /// Two keys can be equal to the engine and yet not the same, such as words in large and small letters.
  private func same(_ column: SchemaObject) -> String {
    let text = "\(self.text(Self.there, column)) = \(self.text(Self.here, column))"
    if incomparable.contains(column.name) { return text }
    return "\(self.column(Self.there, column)) = \(self.column(Self.here, column)) AND \(text)"
  }

  /// Neither comparison is enough: values that are equal can be written in two ways, and two values in one.
  private func differs(_ column: SchemaObject) -> String {
    let (there, here) = (self.column(Self.there, column), self.column(Self.here, column))
    let value = incomparable.contains(column.name) ? "" : "\(there) <> \(here) OR "
    return value + "\(text(Self.there, column)) <> \(text(Self.here, column)) "
      + "OR (\(there) IS NULL) <> (\(here) IS NULL)"
  }

  private func column(_ alias: String, _ column: SchemaObject) -> String { "\(alias).\(traits.quoted(column.name))" }
  private func text(_ alias: String, _ column: SchemaObject) -> String {
    "CAST(\(self.column(alias, column)) AS TEXT)"
  }
  private func quoted(_ table: CatalogTable) -> String { traits.quoted(schema: table.schema, name: table.name) }

  // MARK: What the engine can compare

  /// A query that reads no row, and fails where the engine cannot compare two values of these columns.
  static func comparison(
    of columns: [SchemaObject], _ live: CatalogTable, _ copy: CatalogTable, _ traits: Traits
  ) -> String {
    func quoted(_ table: CatalogTable) -> String { traits.quoted(schema: table.schema, name: table.name) }
    let compared = columns.map { "\(there).\(traits.quoted($0.name)) <> \(here).\(traits.quoted($0.name))" }
    return "SELECT 1 FROM \(quoted(live)) AS \(here), \(quoted(copy)) AS \(there) "
      + "WHERE 1 = 0 AND (\(compared.joined(separator: " OR ")))"
  }
}

extension SchemaObject {
  /// In the words of SQL. What is computed from other columns says so in its flags.
  fileprivate var isAlwaysIdentity: Bool {
    definition.contains("GENERATED ALWAYS AS IDENTITY") && !flags.contains(.generated)
  }
}

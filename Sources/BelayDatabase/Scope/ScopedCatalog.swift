import BelayABI
import BelayArchive
import BelayBase
import BelayDrivers

/// The part of a schema that a backup holds: the tables of its scope with all that belongs to them, and every other object
/// that can be made without the tables that are left out.
package struct ScopedCatalog {
  package let catalog: Catalog
  /// Tables that are not in it. Of one that keeps its rows in shadow tables, the table itself.
  package let leftOutTables: [TableName]
  /// Other objects that are not in it, since they name such a table, or an object that does. What belongs to such a table
  /// goes with it, and is not listed.
  package let leftOutObjects: [SchemaObject]
  /// Tables of it whose own statement names one that is not: where an engine has foreign keys there, they stay.
  package let references: [(table: TableName, to: TableName)]
  /// The patterns that match nothing.
  package let unmatched: [UnmatchedPattern]

  /// - Throws: `.usage` where a table cannot be made without one that the scope excludes.
  package init(_ whole: Catalog, _ scope: BackupScope) throws(BelayError) {
    let choice = Choice(scope)
    unmatched = choice.unmatched(among: Set(whole.tables.map(\.ownerName)))
    let chosen = try Self.tables(of: whole, choice)
    let parted = Parted(whole, leftOut: Set(whole.tables.map(\.ownerName)).subtracting(chosen))
    catalog = Catalog(objects: parted.kept)
    leftOutTables = parted.tables.sorted()
    references = parted.references
    leftOutObjects = parted.others
  }

  /// The whole schema is in it.
  package var isWhole: Bool { leftOutTables.isEmpty }

  // MARK: Tables

  private static func tables(of whole: Catalog, _ choice: Choice) throws(BelayError) -> Set<TableName> {
    let tables = whole.tables
    var chosen: Set<TableName> = []
    for table in tables where table.flags.contains(.internal) || choice.includes(table.ownerName) {
      chosen.insert(table.ownerName)
    }
    // Where the engine has schemas, the statements of a table name another one only where they cannot do without it: a
    // partition its table, an heir the table that it inherits from.
    let connected = tables.filter { !$0.schema.isEmpty }
    let mentions = ObjectMentions(of: connected.map(\.object))
    let byIdentity = Dictionary(connected.map { ($0.object.identity, $0) }, uniquingKeysWith: { first, _ in first })
    let needs = connected.flatMap { table in
      mentions.named(in: table.object.ddl, of: table.object).compactMap { byIdentity[$0] }.map {
        (table: table, needed: $0)
      }
    }
    var count = -1
    while chosen.count != count {
      count = chosen.count
      for (table, needed) in needs {
        if chosen.contains(table.tableName), !chosen.contains(needed.tableName) {
          guard !choice.excludes(needed.tableName) else {
            throw BelayError(
              .usage, "table \(table.tableName) cannot be made without table \(needed.tableName), which is excluded",
              hint: "exclude both, or none", state: "nothing was backed up")
          }
          chosen.insert(needed.tableName)
        } else if chosen.contains(needed.tableName), !needed.hasRows, !choice.excludes(table.tableName) {
          // The rows of a partitioned table are in its partitions.
          chosen.insert(table.tableName)
        }
      }
    }
    return chosen
  }
}

/// The patterns of a scope.
private struct Choice {
  private let schemas: [(typed: String, pattern: NamePattern)]
  private let tables: [(typed: String, pattern: TablePattern)]
  private let excluded: [(typed: String, pattern: TablePattern)]

  init(_ scope: BackupScope) {
    schemas = scope.schemas.map { ($0, NamePattern($0)) }
    tables = scope.tables.map { ($0, TablePattern($0)) }
    excluded = scope.excludedTables.map { ($0, TablePattern($0)) }
  }

  func excludes(_ table: TableName) -> Bool { excluded.contains { $0.pattern.matches(table) } }

  func includes(_ table: TableName) -> Bool {
    if excludes(table) { return false }
    if schemas.isEmpty, tables.isEmpty { return true }
    return schemas.contains { $0.pattern.matches(table.schema) } || tables.contains { $0.pattern.matches(table) }
  }

  /// - Parameter all: the tables that can be chosen; not those that hold the rows of another one.
  func unmatched(among all: Set<TableName>) -> [UnmatchedPattern] {
    schemas.filter { schema in !all.contains { schema.pattern.matches($0.schema) } }
      .map { UnmatchedPattern(isOfSchemas: true, typed: $0.typed) }
      + (tables + excluded).filter { table in !all.contains { table.pattern.matches($0) } }
      .map { UnmatchedPattern(isOfSchemas: false, typed: $0.typed) }
  }
}

/// A schema, parted into what is kept and what is left out.
private struct Parted {
  /// As they were given.
  let tables: Set<TableName>
  private let leftOut: Set<ObjectIdentity>
  /// Left out although they belong to no table that is.
  let others: [SchemaObject]
  private let objects: [SchemaObject]
  private let gone: [SchemaObject]
  private let mentions: ObjectMentions

  init(_ whole: Catalog, leftOut tables: Set<TableName>) {
    self.tables = tables
    var found: Set<ObjectIdentity> = []
    // The columns of a shadow table belong to that.
    let shadows = whole.tables.filter { tables.contains($0.ownerName) }.map(\.tableName)
    let left = tables.union(shadows)
    for object in whole.objects {
      if let table = object.ownTable, left.contains(table) { found.insert(object.identity) }
    }
    let mentions = ObjectMentions(of: whole.objects.filter(\.canBeNeeded))
    var rest = whole.objects.filter(\.canNameOthers)
    rest.removeAll { found.contains($0.identity) }
    let needs = rest.map { object in
      mentions.named(in: object.definition.isEmpty ? object.ddl : object.definition, of: object)
    }
    var count = -1
    while found.count != count {
      count = found.count
      for (object, named) in zip(rest, needs) where !named.isDisjoint(with: found) { found.insert(object.identity) }
    }
    // The indexes of a view that holds rows.
    let views = Set(rest.filter { $0.kind.hasSuffix("view") && found.contains($0.identity) }.map(\.ownName))
    for object in whole.objects where views.contains(object.parentName) { found.insert(object.identity) }
    let leftOut = found
    others = rest.filter { leftOut.contains($0.identity) }
    objects = whole.objects.filter { !leftOut.contains($0.identity) }
    self.leftOut = leftOut
    self.mentions = mentions
    gone = whole.objects.filter { leftOut.contains($0.identity) }
  }

  /// An engine may put statements that have to come late behind the last object that it makes. Those about what is left out
  /// go too: they stand on a line of their own.
  var kept: [SchemaObject] {
    var kept = objects.map { object in
      guard object.kind != "table", isAboutLeftOut(object.ddl, of: object) else { return object }
      var object = object
      object.ddl = Self.lines(object).filter { !isAboutLeftOut($0, of: object) }.joined(separator: "\n")
      return object
    }
    // They may stand behind an object that is left out.
    let late = mentions.hasSchemas ? gone.flatMap(lateLines) : []
    if let last = kept.indices.last, !late.isEmpty {
      kept[last].ddl = ([kept[last].ddl] + late).filter { !$0.isEmpty }.joined(separator: "\n")
    }
    return kept
  }

  /// Of an object that is left out: whole statements that are no part of it, and about others that stay.
  private func lateLines(_ object: SchemaObject) -> [String] {
    var isBetween = true
    return Self.lines(object).filter { line in
      defer { isBetween = line.hasSuffix(";") }
      guard isBetween, line.hasSuffix(";"), !object.definition.contains(line.dropLast()) else { return false }
      let named = mentions.named(in: line, of: SchemaObject(kind: "", name: ""))
      return !named.isEmpty && named.isDisjoint(with: leftOut)
    }
  }

  private static func lines(_ object: SchemaObject) -> [String] {
    object.ddl.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
  }

  /// Of engines without schemas, whose tables are made with their foreign keys.
  var references: [(table: TableName, to: TableName)] {
    guard !mentions.hasSchemas else { return [] }
    return objects.filter { $0.kind == "table" }.flatMap { table in
      mentions.named(in: table.ddl, of: table).intersection(leftOut).map { TableName(schema: "", name: $0.name) }
        .filter(tables.contains).sorted().map { (table.ownName, $0) }
    }
  }

  private func isAboutLeftOut(_ text: String, of object: SchemaObject) -> Bool {
    // Without schemas, any word may be the name of a table.
    mentions.hasSchemas && !mentions.named(in: text, of: object).isDisjoint(with: leftOut)
  }
}

extension SchemaObject {
  /// Others may not do without it.
  fileprivate var canBeNeeded: Bool {
    (parent.isEmpty || kind == "sequence") && !["acl", "default_acl", "late", "setting", "role"].contains(kind)
  }

  /// Its statements may need other tables than its own.
  fileprivate var canNameOthers: Bool {
    !["table", "column", "index", "primary_key", "check", "setting", "schema", "extension", "role"].contains(kind)
  }
}

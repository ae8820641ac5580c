import BelayArchive
import BelayDrivers

/// What a database holds: its schema and, for every table, count and digest of the rows.
struct Content: Equatable {
  let objects: [SchemaObject]
  let digests: [ObjectIdentity: TableDigest]

  /// Where two differ, in words; nil where they are equal.
  func difference(from other: Content) -> String? {
    let (mine, theirs) = (
      Dictionary(grouping: objects, by: \.identity), Dictionary(grouping: other.objects, by: \.identity)
    )
    if let only = objects.first(where: { theirs[$0.identity] == nil }) {
      return "\(only.kind) \(only.name) is too much"
    }
    if let only = other.objects.first(where: { mine[$0.identity] == nil }) {
      return "\(only.kind) \(only.name) is missing"
    }
    if let changed = objects.first(where: { mine[$0.identity] != theirs[$0.identity] }) {
      return "\(changed.kind) \(changed.name) differs: \(changed.definition)"
    }
    if objects != other.objects { return "the catalog's order differs" }
    for (table, digest) in other.digests where digests[table] != digest {
      return "the rows of \(table.name) differ: \(digests[table]?.rows ?? 0) of \(digest.rows), or other ones"
    }
    return nil
  }
}

extension Bench {
  func content(_ connection: Connection) throws -> Content {
    let catalog = try connection.catalog(operation: operation)
    var digests: [ObjectIdentity: TableDigest] = [:]
    for table in catalog.tables where table.hasRows && !table.storedColumns.isEmpty {
      var digest = TableDigest()
      try connection.read(table, operation: operation, rows: { digest.add($0) })
      digests[table.object.identity] = digest
    }
    return Content(objects: catalog.shape, digests: digests)
  }

  /// The database holds the same as another one did.
  func expectContent(_ expected: Content, _ connection: Connection, _ when: String) throws {
    if let difference = try content(connection).difference(from: expected) { throw Broken("\(when), \(difference)") }
  }
}

extension Catalog {
  /// Objects without what a copy may differ in: of equal identity and definition, they are the same.
  var shape: [SchemaObject] {
    objects.map {
      var object = $0
      object.rowEstimate = nil
      object.ddl = ""
      object.drop = nil
      return object
    }
  }
}

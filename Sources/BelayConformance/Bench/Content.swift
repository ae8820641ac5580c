import BelayArchive
import BelayDrivers

/// The content of a database: its schema and, for every table, the count and the digest of its rows.
struct Content: Equatable {
  let objects: [SchemaObject]
  let digests: [ObjectIdentity: RowsDigest]

  /// How two contents differ; nil if they are equal.
  func difference(from other: Content) -> String? {
    let (mine, theirs) = (
      Dictionary(grouping: objects, by: \.identity), Dictionary(grouping: other.objects, by: \.identity)
    )
    if let only = objects.first(where: { theirs[$0.identity] == nil }) {
      return "\(only.kind) \(only.name) is unexpected"
    }
    if let only = other.objects.first(where: { mine[$0.identity] == nil }) {
      return "\(only.kind) \(only.name) is missing"
    }
    if let changed = objects.first(where: { mine[$0.identity] != theirs[$0.identity] }) {
      return "\(changed.kind) \(changed.name) differs: \(changed.definition)"
    }
    if objects != other.objects { return "the order of the catalog differs" }
    for (table, digest) in other.digests where digests[table] != digest {
      return "the rows of \(table.name) differ: " + digest.difference(from: digests[table])
    }
    return nil
  }
}

extension Bench {
  func content(_ connection: Connection) throws -> Content {
    let catalog = try connection.catalog(operation: operation)
    var digests: [ObjectIdentity: RowsDigest] = [:]
    for table in catalog.tables where table.hasRows && !table.storedColumns.isEmpty {
      var digest = RowsDigest(table)
      try connection.read(table, operation: operation, rows: { digest.add($0) })
      digests[table.object.identity] = digest
    }
    return Content(objects: catalog.shape, digests: digests)
  }

  /// Requires that the database has this content.
  func expectContent(_ expected: Content, _ connection: Connection, _ when: String) throws {
    if let difference = try content(connection).difference(from: expected) { throw Broken("\(when), \(difference)") }
  }
}

extension Catalog {
  /// Objects without the properties in which a copy may differ: identity and definition remain.
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

import BelayABI
import BelayArchive
import BelayDrivers

extension Catalog {
  /// Tables so that each comes after those that its foreign keys refer to, as far as they do not go round in a circle; else
  /// in the order in which they are given.
  package func parentsFirst(_ tables: [CatalogTable]) -> [CatalogTable] {
    let names = Set(tables.map(\.object.identity))
    let mentions = ObjectMentions(of: tables.map(\.object))
    let keys = Dictionary(grouping: objects.filter { ["constraint", "foreign_key"].contains($0.kind) }) { $0.ownTable }
    var parents: [ObjectIdentity: Set<ObjectIdentity>] = [:]
    for table in tables {
      let texts = [table.object] + (keys[table.tableName] ?? [])
      let named = texts.reduce(into: Set<ObjectIdentity>()) { $0.formUnion(mentions.named(in: $1.ddl, of: $1)) }
      parents[table.object.identity] = named.intersection(names).subtracting([table.object.identity])
    }
    var rest = tables
    var sorted: [CatalogTable] = []
    var placed: Set<ObjectIdentity> = []
    while !rest.isEmpty {
      let free = rest.filter { parents[$0.object.identity]?.isSubset(of: placed) ?? true }
      // In a circle there is no first one.
      let next = free.isEmpty ? Array(rest.prefix(1)) : free
      sorted += next
      placed.formUnion(next.map(\.object.identity))
      rest.removeAll { placed.contains($0.object.identity) }
    }
    return sorted
  }
}

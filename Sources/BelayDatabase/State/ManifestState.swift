import BelayArchive
import BelayBase
import BelayDrivers
import Foundation

extension DatabaseState {
  /// The state that an archive records: its manifest's tables and its schema.json.
  package static func recorded(in reader: ArchiveReader) throws(BelayError) -> DatabaseState {
    var bytes = Data()
    do {
      try reader.read(MemberName.schema) { bytes.append(contentsOf: $0) }
      let catalog = try JSONDecoder().decode(Catalog.self, from: bytes)
      var tables: [TableName: TableState] = [:]
      for record in reader.manifest.tables {
        tables[record.table] = TableState(
          rows: record.rows, digest: record.digest, counters: record.counters)
      }
      return DatabaseState(catalog: catalog, tables: tables)
    } catch {
      throw BelayError(
        any: error, doing: "cannot read the schema in archive \(reader.manifest.id)", kind: .verificationFailed)
    }
  }
}

/// `schema.json`: the catalog, for comparisons.
package enum SchemaMember {
  package static func encode(_ catalog: Catalog) throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
    return try encoder.encode(catalog)
  }
}

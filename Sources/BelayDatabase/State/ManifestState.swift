import BelayArchive
import BelayBase
import BelayDrivers
import Foundation

extension DatabaseState {
  /// Fifty thousand tables with fifty columns each have less.
  private static let largestSchema: UInt64 = 256 << 20

  /// The state that an archive records: its manifest's tables and its schema.json.
  package static func recorded(in reader: ArchiveReader) throws(BelayError) -> DatabaseState {
    var bytes = Data()
    do {
      // Before it is unpacked: the reader hands out no more than the manifest says.
      if let size = reader.manifest.member(.schema)?.bytes, size > Self.largestSchema {
        throw ArchiveError(
          .damaged, path: reader.manifest.id, member: MemberName.schema, "schema.json has \(size) bytes: no schema has",
          hint: "use another backup: `belay list` shows them")
      }
      try reader.read(reader.manifest.member(.schema)?.name ?? MemberName.schema) { bytes.append(contentsOf: $0) }
      let catalog = try JSONDecoder().decode(Catalog.self, from: bytes)
      var tables: [TableName: TableState] = [:]
      for record in reader.manifest.tables {
        tables[record.table] = TableState(
          rows: record.rows, digest: record.digest, counters: record.counters)
      }
      return DatabaseState(catalog: catalog, tables: tables)
    } catch {
      throw BelayError(
        any: error, proving: "cannot read the schema in archive \(reader.manifest.id)", otherwise: .failed)
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

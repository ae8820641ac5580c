import BelayArchive
import BelayBase
import BelayStore

/// The rows that each table had when the database was backed up last.
package enum LastBackup: Sendable {
  /// The newest good backup in a store of the database that has this identity. The keys are for a manifest that is encrypted.
  case newest(Store, identity: String, keys: any MemberDecryptor)
  /// Known already: the run's own.
  case taken(rows: [TableName: UInt64], archive: String)

  struct Rows {
    let archive: String
    let tables: [TableName: UInt64]
  }

  /// nil: there is none.
  /// - Throws: also where no key opens what it says of its tables.
  func rows() throws(BelayError) -> Rows? {
    switch self {
    case .taken(let rows, let archive): return Rows(archive: archive, tables: rows)
    case .newest(let store, let identity, let keys):
      for entry in try store.archivesByAge().reversed() {
        // What cannot be read, or has failed its verification, is no backup.
        guard let reader = try? entry.open(), reader.manifest.kind.isBackup, reader.manifest.isOfAllThatIsKept,
          reader.manifest.target.identity == identity,
          store.runs.proofs(of: entry.id, manifest: reader.manifestSHA256).failure == nil
        else { continue }
        let full = try entry.open(with: keys)
        do throws(ArchiveError) {
          try full.requireFullManifest()
        } catch {
          throw BelayError(error, kind: .failed)
        }
        return Rows(archive: entry.id, tables: LastBackup.rows(of: full.manifest))
      }
      return nil
    }
  }

  /// The backup that a run has made.
  package static func taken(_ manifest: Manifest) -> LastBackup {
    .taken(rows: rows(of: manifest), archive: manifest.id)
  }

  private static func rows(of manifest: Manifest) -> [TableName: UInt64] {
    Dictionary(
      manifest.tables.map { (TableName(schema: $0.schema, name: $0.name), $0.rows) }, uniquingKeysWith: { $1 })
  }
}

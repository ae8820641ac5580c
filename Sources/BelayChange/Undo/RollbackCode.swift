import BelayArchive
import BelayDatabase
import BelayDrivers
import Crypto
import Foundation

/// What a person types to confirm a rollback: `ROLLBACK_` and 8 characters, derived from the backup and from what going
/// back to it takes away. Whoever has the code has seen the plan for exactly this.
///
/// Where what is there now is kept in a previous database, "exactly this" is the schema and the tables that lose something: a
/// database that others write all the time could never be rolled back by a script otherwise. Elsewhere it is every row, and
/// one row written since makes the code void.
package struct RollbackCode {
  package let text: String

  /// - Parameter keepsRows: what is written from now on is lost to nobody.
  package init(archive: Manifest, present: DatabaseState, losses: Losses, keepsRows: Bool) {
    var hash = SHA256()
    hash.update(data: Data((archive.id + "\n" + archive.schemaSHA256 + "\n").utf8))
    for table in archive.tables { hash.update(data: Data("\(table.schema).\(table.name) \(table.digest)\n".utf8)) }
    for object in present.catalog.objects {
      hash.update(data: Data("\(object.kind) \(object.label) \(object.definition)\n".utf8))
    }
    for (table, state) in present.tables.sorted(by: { $0.key.description < $1.key.description }) {
      // Counters move on without anybody losing a row.
      let content = "\(state.rows) \(state.counters == nil ? state.digest : "")"
      let rows = keepsRows ? (losses.tables.contains(table) ? "loses rows" : "") : content
      hash.update(data: Data("\(table) \(rows)\n".utf8))
    }
    // No characters that look alike.
    let alphabet = Array("ABCDEFGHJKLMNPQRSTUVWXYZ23456789")
    text = "ROLLBACK_" + String(hash.finalize().prefix(8).map { alphabet[Int($0) % alphabet.count] })
  }
}

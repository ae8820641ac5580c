import BelayArchive
import BelayDrivers
import Crypto
import Foundation

/// What a person types to confirm a rollback: `ROLLBACK_` and 8 characters, derived from the backup and from the present
/// state. Whoever has the code has seen the plan for exactly this state: one row written since makes it void.
struct RollbackCode {
  let text: String

  init(archive: Manifest, present: DatabaseState) {
    var hash = SHA256()
    hash.update(data: Data((archive.id + "\n" + archive.schemaSHA256 + "\n").utf8))
    for table in archive.tables { hash.update(data: Data("\(table.schema).\(table.name) \(table.digest)\n".utf8)) }
    for object in present.catalog.objects {
      hash.update(data: Data("\(object.kind) \(object.label) \(object.definition)\n".utf8))
    }
    for (table, state) in present.tables.sorted(by: { $0.key.description < $1.key.description }) {
      hash.update(data: Data("\(table) \(state.rows) \(state.digest)\n".utf8))
    }
    // No characters that look alike.
    let alphabet = Array("ABCDEFGHJKLMNPQRSTUVWXYZ23456789")
    text = "ROLLBACK_" + String(hash.finalize().prefix(8).map { alphabet[Int($0) % alphabet.count] })
  }
}

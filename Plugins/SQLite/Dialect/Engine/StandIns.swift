import BelayDriverKit
import CSQLite

/// Collations and functions that take the place of those that this library lacks, so that statements compile: equal bytes
/// are equal, and every function gives NULL.
///
/// Only for what reads, and whose result does not depend on them: the rows of a table one after another, the form of its
/// pages. What is written by their order would damage an index, so they are never there when a statement of a user runs.
package final class StandIns {
  private let handle: OpaquePointer
  /// What has been asked for.
  package private(set) var used: Set<MissingPart> = []

  package init(on database: Database) {
    handle = database.handle
    sqlite3_collation_needed(
      handle, Unmanaged.passUnretained(self).toOpaque(),
      { context, handle, encoding, name in
        guard let context, let handle, let name else { return }
        let stood = Unmanaged<StandIns>.fromOpaque(context).takeUnretainedValue()
        stood.used.insert(MissingPart(.collation, String(cString: name)))
        sqlite3_create_collation_v2(
          handle, name, encoding, nil,
          { _, leftCount, left, rightCount, right in
            let left = UnsafeRawBufferPointer(start: left, count: Int(leftCount))
            let right = UnsafeRawBufferPointer(start: right, count: Int(rightCount))
            return left.elementsEqual(right) ? 0 : left.lexicographicallyPrecedes(right) ? -1 : 1
          }, nil)
      })
  }

  /// - Returns: false where there is nothing to add, because it is no function or stands there already.
  package func add(_ part: MissingPart) -> Bool {
    guard part.kind == .function, used.insert(part).inserted else { return false }
    return sqlite3_create_function_v2(
      handle, part.name, -1, SQLITE_UTF8 | SQLITE_DETERMINISTIC, nil, { context, _, _ in sqlite3_result_null(context) },
      nil, nil, nil) == SQLITE_OK
  }

  /// Nothing of them stays.
  package func remove() {
    sqlite3_collation_needed(handle, nil, nil)
    for part in used {
      switch part.kind {
      case .function: sqlite3_create_function_v2(handle, part.name, -1, SQLITE_UTF8, nil, nil, nil, nil, nil)
      default:
        for encoding in [SQLITE_UTF8, SQLITE_UTF16LE, SQLITE_UTF16BE] {
          sqlite3_create_collation_v2(handle, part.name, encoding, nil, nil, nil)
        }
      }
    }
  }
}

extension Database {
  /// Makes SQLite read the schema anew: an index that once lacked its collation it does not use again, and a table without
  /// rowids is such an index.
  package func forgetRefusals() throws(DriverFailure) {
    try run("PRAGMA writable_schema=RESET")
    if unknownEntry != nil { try run("PRAGMA writable_schema=ON") }
  }

  /// Runs what only reads, with stand-ins for what this library lacks.
  /// - Parameter body: may be run several times; what it gives the last time counts.
  /// - Returns: what the body gives, and what was missing for it.
  package func withStandIns<R>(
    _ body: () throws(DriverFailure) -> R
  ) throws(DriverFailure) -> (result: R, missing: Set<MissingPart>) {
    let standIns = StandIns(on: self)
    defer { standIns.remove() }
    var hasForgotten = false
    while true {
      do throws(DriverFailure) {
        return (try body(), standIns.used)
      } catch {
        if !hasForgotten, error.message.contains("no query solution") {
          hasForgotten = true
          try forgetRefusals()
          continue
        }
        guard let missing = MissingPart(error), standIns.add(missing) else { throw error }
      }
    }
  }
}

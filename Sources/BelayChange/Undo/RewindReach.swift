import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayStore
import Foundation

/// Whether the engine's own rewind reaches back to a backup. Found out, and said, before anything is done.
package struct RewindReach {
  /// It does, as far as the engine says.
  package let rewinds: Bool
  /// Behind "put it back to …".
  package let words: String

  package init(of archive: ArchiveReader, through connection: Connection, context: RunContext) {
    let other = connection.canPromote ? RollbackMethod.scratch.words : RollbackMethod.native.words
    guard connection.hasRewind, let bookmark = archive.manifest.bookmark else {
      (rewinds, words) = (false, connection.hasRewind ? ", by \(other): it records no bookmark" : "")
      return
    }
    do throws(DriverError) {
      guard let date = Moment.parse(archive.manifest.createdAt) else {
        throw DriverError(.invalid, message: "\(archive.manifest.createdAt) is not a valid time")
      }
      // The bookmark itself says nothing of how long it is kept. The archive tells the second in which it was taken.
      let moment = min(date + 1, Date())
      _ = try connection.mark(
        atMilliseconds: Int64(moment.timeIntervalSince1970 * 1000), operation: context.stoppable())
      (rewinds, words) = (
        true, ", by \(RollbackMethod.rewind.words), to the bookmark \(bookmark); if that fails, by \(other)"
      )
    } catch {
      let reason = "\(RollbackMethod.rewind.words) does not reach back that far: \(error.message)"
      (rewinds, words) = (false, ", by \(other): \(reason)")
    }
  }
}

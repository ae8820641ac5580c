import BelayArchive
import BelayBase
import Foundation
import SystemPackage

/// Where archives are kept: a folder, or an object store. Knows names and bytes, and nothing of what an archive holds.
///
/// A name is either absent or stands for a whole file: whoever lists, opens or copies sees no half-written one. From any
/// thread, also from several processes at once.
package protocol Repository: Sendable {
  /// Its path or URL without secrets, for messages.
  var location: String { get }

  /// Everything in it, in no order; nothing where it does not exist yet.
  func list() throws(ArchiveError) -> [StoredFile]

  /// What a run that was cut off may have left: files that were never whole. They are in no list.
  func halfWritten() throws(ArchiveError) -> [StoredFile]

  /// nil: there is none of that name.
  func stat(_ name: String) throws(ArchiveError) -> StoredFile?

  /// Opens one for reading ranges of it.
  /// - Throws: kind `notFound` where there is none.
  func source(_ name: String) throws(ArchiveError) -> any ArchiveSource

  /// As `source(_:)`, for one that was listed or looked at just now.
  func source(_ file: StoredFile) throws(ArchiveError) -> any ArchiveSource

  /// Where a file is best written before `put`, on the local disk: under this path and `.partial` until it is whole. A
  /// repository on a local disk gives its own place, so that `put` only renames.
  /// - Parameter staging: a folder of the run.
  func localPath(_ name: String, staging: FilePath) -> FilePath

  /// Takes a whole file of the local disk in, under a new name: when it returns, it survives a power cut under that name.
  /// The file is gone from its old place then; where it fails, it is still there, and nothing is under the new name.
  /// - Throws: also where there is one of that name.
  func put(_ file: FilePath, as name: String) throws(ArchiveError)

  /// As `put`, but the file stays in its old place too. Where an equal one is there under that name already, nothing is left
  /// to do.
  func store(_ file: FilePath, as name: String) throws(ArchiveError)

  /// Gives one another name, durably. One that has the new name is replaced.
  func rename(_ name: String, to other: String) throws(ArchiveError)

  /// Puts a whole file of the local disk in the place of one, durably: under that name there is the old one or the new one,
  /// also after a power cut. The file is gone from its old place then.
  func replace(_ name: String, by file: FilePath) throws(ArchiveError)

  /// Keeps readers out of one that is about to be deleted, as long as the lock lives.
  /// - Returns: nil: somebody reads it now.
  /// - Throws: kind `notFound` where there is none.
  func lockForRemoval(_ name: String) throws(ArchiveError) -> RemovalLock?

  /// Removes one, durably; one that is not there is no failure.
  func delete(_ name: String) throws(ArchiveError)
}

extension Repository {
  package func replace(_ name: String, by file: FilePath) throws(ArchiveError) {
    let partial = name + ArchiveName.partial
    try delete(partial)
    try put(file, as: partial)
    try rename(partial, to: name)
  }

  package func source(_ file: StoredFile) throws(ArchiveError) -> any ArchiveSource { try source(file.name) }
}

/// One file of a repository.
package struct StoredFile: Sendable, Equatable {
  package let name: String
  /// Its own path or URL without secrets.
  package let location: String
  package let bytes: UInt64
  /// When it was last written.
  package let modified: Date
}

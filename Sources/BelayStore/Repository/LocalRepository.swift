import BelayArchive
import BelayBase
import Foundation
import Glibc
import SystemPackage

/// Archives in a folder of a local or mounted disk.
package struct LocalRepository: Repository {
  private let folder: FilePath

  package init(_ folder: FilePath) { self.folder = folder }

  package var location: String { folder.string }
  private func path(_ name: String) -> FilePath { folder.appending(name) }

  package func list() throws(ArchiveError) -> [StoredFile] {
    try names().filter { !$0.hasSuffix(ArchiveName.partial) }.map(file)
  }

  package func halfWritten() throws(ArchiveError) -> [StoredFile] {
    try names().filter { $0.hasSuffix(ArchiveName.partial) }.map(file)
  }

  private func names() throws(ArchiveError) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder.string).filter { !$0.hasPrefix(".") }
    } catch CocoaError.fileReadNoSuchFile, CocoaError.fileNoSuchFile {
      return []
    } catch {
      throw ArchiveError(.io, path: location, "cannot read \(location): \(error.localizedDescription)")
    }
  }

  /// One that cannot be looked at is there all the same, and whoever opens it learns why.
  private func file(_ name: String) -> StoredFile {
    (try? stat(name)) ?? StoredFile(name: name, location: path(name).string, bytes: 0, modified: .distantPast)
  }

  package func stat(_ name: String) throws(ArchiveError) -> StoredFile? {
    let path = path(name)
    var info = Glibc.stat()
    guard fstatat(AT_FDCWD, path.string, &info, 0) == 0 else {
      if errno == ENOENT { return nil }
      throw .system("look at", path.string, code: errno)
    }
    let seconds = Double(info.st_mtim.tv_sec) + Double(info.st_mtim.tv_nsec) / 1e9
    return StoredFile(
      name: name, location: path.string, bytes: UInt64(info.st_size), modified: Date(timeIntervalSince1970: seconds))
  }

  package func source(_ name: String) throws(ArchiveError) -> any ArchiveSource { try ArchiveFile(path(name)) }

  package func localPath(_ name: String, staging: FilePath) -> FilePath { path(name) }

  package func put(_ file: FilePath, as name: String) throws(ArchiveError) {
    let final = path(name)
    guard file.removingLastComponent() != folder else {
      try sync(file)
      return try ArchiveWriter.publish(file, as: final)
    }
    try takeCopy(of: file, as: final)
    unlink(file.string)
  }

  package func store(_ file: FilePath, as name: String) throws(ArchiveError) {
    // On a disk that is not mounted, a folder would be made on another one.
    guard FileManager.default.fileExists(atPath: folder.string) else {
      throw ArchiveError(
        .notFound, path: location, "there is no folder \(location)", hint: "mount its disk, or make the folder")
    }
    let final = path(name)
    if try stat(name) != nil {
      guard FileManager.default.contentsEqual(atPath: file.string, andPath: final.string) else {
        throw ArchiveError(
          .io, path: final.string, "\(final) is there already, with other content",
          hint: "two stores have given one id: keep both by storing this one in another folder")
      }
      return
    }
    try takeCopy(of: file, as: final)
  }

  /// Two machines may store one of the same name, and neither must write into the other's.
  private func takeCopy(of file: FilePath, as final: FilePath) throws(ArchiveError) {
    let partial = FilePath("\(final).\(UInt32.random(in: .min ... .max))\(ArchiveName.partial)")
    do throws(ArchiveError) {
      try copy(file, to: partial)
      try ArchiveWriter.publish(partial, as: final)
    } catch {
      unlink(partial.string)
      throw error
    }
  }

  package func rename(_ name: String, to other: String) throws(ArchiveError) {
    guard Glibc.rename(path(name).string, path(other).string) == 0 else {
      throw .system("rename", path(name).string, code: errno)
    }
    try syncFolder()
  }

  package func replace(_ name: String, by file: FilePath) throws(ArchiveError) {
    let partial = path(name + ArchiveName.partial)
    if file != partial { try copy(file, to: partial) } else { try sync(file) }
    try rename(partial.lastComponent?.string ?? "", to: name)
    if file != partial { unlink(file.string) }
  }

  package func lockForRemoval(_ name: String) throws(ArchiveError) -> RemovalLock? { try RemovalLock(path(name)) }

  package func delete(_ name: String) throws(ArchiveError) {
    guard unlink(path(name).string) == 0 || errno == ENOENT else {
      throw .system("delete", path(name).string, code: errno)
    }
    try syncFolder()
  }

  // MARK: On the disk

  private func syncFolder() throws(ArchiveError) {
    do { try Durable.syncFolder(folder) } catch { throw .system("sync", location, error) }
  }

  private func sync(_ file: FilePath) throws(ArchiveError) {
    do { try Durable.syncFile(file) } catch { throw .system("sync", file.string, error) }
  }

  /// Copies, syncs, and reads back, to make sure that the stored bytes are equal to the given ones.
  private func copy(_ file: FilePath, to partial: FilePath) throws(ArchiveError) {
    do {
      try FileManager.default.copyItem(atPath: file.string, toPath: partial.string)
    } catch {
      throw ArchiveError(.io, path: partial.string, "cannot copy \(file) to \(partial): \(error.localizedDescription)")
    }
    try sync(partial)
    guard FileManager.default.contentsEqual(atPath: file.string, andPath: partial.string) else {
      throw ArchiveError(
        .damaged, path: partial.string, "\(partial) does not read back as it was written",
        hint: "check the disk of the store")
    }
  }
}

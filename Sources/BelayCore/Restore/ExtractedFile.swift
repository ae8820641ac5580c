import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import Foundation
import SystemPackage

/// A file of one table's rows in a folder: it has its name only when it is whole, and never takes another one's place.
struct ExtractedFile {
  private let path: FilePath

  /// The name is the table's as in an archive, without its compression.
  init(of table: CatalogTable, _ form: ExtractRequest.Form, in folder: FilePath) {
    let member = FilePath(MemberName.csv(table.tableName))
    path = folder.appending("\(member.stem ?? table.name).\(form.rawValue)")
  }

  /// - Parameter rows: writes them, and says how many; nil: whoever reads them wants no more, which no file says.
  func write(_ rows: (FileDescriptor) throws(BelayError) -> UInt64?) throws(BelayError) -> UInt64? {
    do {
      try Durable.makeFolder(path.removingLastComponent())
      guard access(path.string, F_OK) != 0 else { throw Errno.fileExists }
      let partial = FilePath(path.string + ".partial")
      let count = try write(rows, to: partial)
      defer { unlink(partial.string) }
      // Unlike a rename, it takes the place of nothing.
      guard link(partial.string, path.string) == 0 else { throw Errno(rawValue: errno) }
      try Durable.syncFolder(path.removingLastComponent())
      return count
    } catch Errno.fileExists {
      throw BelayError(
        .refused, "\(path) is there already", hint: "remove it, or choose another folder", state: "it is as it was")
    } catch {
      throw BelayError(any: error, doing: "cannot write \(path)", kind: .failed)
    }
  }

  private func write(
    _ rows: (FileDescriptor) throws(BelayError) -> UInt64?, to partial: FilePath
  ) throws -> UInt64? {
    let file = try FileDescriptor.open(
      partial, .writeOnly, options: [.create, .truncate, .closeOnExec, .noFollow], permissions: [.ownerReadWrite])
    do {
      let count = try rows(file)
      guard fsync(file.rawValue) == 0 else { throw Errno(rawValue: errno) }
      try file.close()
      return count
    } catch {
      try? file.close()  // the first error counts
      unlink(partial.string)
      throw error
    }
  }
}

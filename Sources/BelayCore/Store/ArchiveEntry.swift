import BelayArchive
import Foundation
import SystemPackage

/// One archive in the store.
package struct ArchiveEntry: Sendable, Equatable {
  package let id: String
  package let path: FilePath
  /// Of the file.
  package let bytes: UInt64
}

extension Store {
  /// Every whole archive, oldest first. `.partial` files are none.
  package func archives() throws(BelayError) -> [ArchiveEntry] {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: root.string)
    } catch CocoaError.fileReadNoSuchFile, CocoaError.fileNoSuchFile {
      return []
    } catch {
      throw BelayError(.failed, "cannot read the store \(root)", causes: [error.localizedDescription])
    }
    return names.filter { $0.hasSuffix(".tar") && !$0.hasPrefix(".") }.sorted().map { name in
      let path = root.appending(name)
      var info = stat()
      let bytes = stat(path.string, &info) == 0 ? UInt64(info.st_size) : 0
      return ArchiveEntry(id: String(name.dropLast(4)), path: path, bytes: bytes)
    }
  }

  /// The archive that `id` names: its whole id, a prefix that no other has, `latest` or `oldest`.
  package func resolve(_ id: String) throws(BelayError) -> ArchiveEntry {
    let all = try archives()
    guard let newest = all.last, let oldest = all.first else {
      throw BelayError(.notFound, "there is no archive in \(root)", hint: "make one with `belay backup`")
    }
    switch id {
    case "latest": return newest
    case "oldest": return oldest
    default: break
    }
    if let exact = all.first(where: { $0.id == id }) { return exact }
    let matches = all.filter { $0.id.hasPrefix(id) }
    guard let match = matches.first, !id.isEmpty else {
      throw BelayError(.notFound, "no archive \(id) in \(root)", hint: "`belay list` shows what there is")
    }
    guard matches.count == 1 else {
      throw BelayError(
        .notFound, "\(id) names \(matches.count) archives", hint: "type more of it",
        causes: matches.prefix(5).map(\.id))
    }
    return match
  }
}

extension ArchiveEntry {
  /// Opens it, and turns what is wrong with it into a message.
  package func open() throws(BelayError) -> ArchiveReader {
    do { return try ArchiveReader(path) } catch { throw BelayError(error, status: .verificationFailed) }
  }
}

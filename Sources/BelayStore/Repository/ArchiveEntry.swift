import BelayArchive
import BelayBase
import Foundation
import SystemPackage

/// One archive in the store.
package struct ArchiveEntry: Sendable, Equatable {
  package let id: String
  package let path: FilePath
  /// Of the file.
  package let bytes: UInt64

  package init(id: String, path: FilePath, bytes: UInt64) {
    self.id = id
    self.path = path
    self.bytes = bytes
  }
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
    return names.filter { $0.hasSuffix(".tar") && !$0.hasPrefix(".") }.map { name in
      let path = root.appending(name)
      var info = stat()
      let known = stat(path.string, &info) == 0
      let age = RunAge(id: String(name.dropLast(4)), written: known ? info.st_mtim : timespec())
      return (age, ArchiveEntry(id: age.id, path: path, bytes: known ? UInt64(info.st_size) : 0))
    }.sorted { $0.0 < $1.0 }.map(\.1)
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
    do { return try ArchiveReader(path) } catch { throw BelayError(error, kind: .verificationFailed) }
  }
}

/// Orders ids of one store by age, also those of one second: by their number where only that differs, for a copied file
/// may have lost its times; else by when the file was written.
private struct RunAge: Comparable {
  let id: String
  let written: timespec

  static func < (a: Self, b: Self) -> Bool {
    let (left, right) = (a.id.prefix { $0 != "-" }, b.id.prefix { $0 != "-" })
    if left != right { return left < right }
    if a.base == b.base { return a.number < b.number }
    let (before, after) = (a.written, b.written)
    if before.tv_sec != after.tv_sec { return before.tv_sec < after.tv_sec }
    if before.tv_nsec != after.tv_nsec { return before.tv_nsec < after.tv_nsec }
    return a.id < b.id
  }

  static func == (a: Self, b: Self) -> Bool { a.id == b.id }

  /// 1 for an id without one.
  private var number: Int { numbered?.number ?? 1 }
  private var base: Substring { numbered?.base ?? id[...] }

  private var numbered: (base: Substring, number: Int)? {
    guard let dash = id.lastIndex(of: "-"), let number = Int(id[id.index(after: dash)...]), number > 1 else {
      return nil
    }
    return (id[..<dash], number)
  }
}

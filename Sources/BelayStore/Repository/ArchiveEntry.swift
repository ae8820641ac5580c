import BelayArchive
import BelayBase
import Foundation
import SystemPackage

/// One archive of a repository.
package struct ArchiveEntry: Sendable {
  package let id: String
  private let file: StoredFile
  private let repository: any Repository

  /// Its path or URL without secrets.
  package var location: String { file.location }
  /// Of the file.
  package var bytes: UInt64 { file.bytes }

  /// nil: the file is not named like an archive.
  fileprivate init?(_ file: StoredFile, in repository: any Repository) {
    guard file.name.hasSuffix(ArchiveName.suffix) else { return nil }
    self.init(named: file, in: repository)
  }

  /// Whatever it is called.
  fileprivate init(named file: StoredFile, in repository: any Repository) {
    let suffix = ArchiveName.suffix
    id = file.name.hasSuffix(suffix) ? String(file.name.dropLast(suffix.count)) : file.name
    self.file = file
    self.repository = repository
  }

  /// An archive anywhere on this machine.
  /// - Throws: `.notFound` where there is no such file.
  package init(path: FilePath) throws(BelayError) {
    let folder = LocalRepository(path.removingLastComponent())
    let found: StoredFile?
    do throws(ArchiveError) {
      found = try path.lastComponent.flatMap { (name) throws(ArchiveError) in try folder.stat(name.string) }
    } catch {
      throw BelayError(.failed, "cannot read \(path)", causes: [error.message])
    }
    guard let found else {
      throw BelayError(
        .notFound, "there is no file \(path)", hint: "name an archive by its id or by the path of its file")
    }
    self.init(named: found, in: folder)
  }

  /// Opens it, and turns what is wrong with it into a message.
  /// - Parameter keys: for members that are encrypted; nil: for who reads the manifest alone.
  package func open(with keys: (any MemberDecryptor)? = nil) throws(BelayError) -> ArchiveReader {
    let reader: ArchiveReader
    do { reader = try ArchiveReader(repository.source(file), keys: keys) } catch {
      throw BelayError(error, kind: .verificationFailed)
    }
    // It becomes a part of paths and of journals.
    guard StoreName.isName(reader.manifest.id) else {
      throw BelayError(
        .verificationFailed,
        "\(location): its manifest calls it \(reader.manifest.id.prefix(80).debugDescription), which is no id",
        hint: "belay did not write it")
    }
    return reader
  }

  fileprivate var age: RunAge { RunAge(id: id, written: file.modified) }
}

/// What an archive is called in its repository.
package enum ArchiveName {
  static let suffix = ".tar"
  package static func of(_ id: String) -> String { id + suffix }

  /// After the suffix, of an archive that is not written to its end.
  static let partial = ".partial"
  /// After the suffix, of one that did not pass its verification.
  static let unverified = ".unverified"

  /// nil: the file is not named like one of those.
  static func idOfUnfinished(_ name: String) -> String? {
    for end in [partial, unverified] where name.hasSuffix(suffix + end) {
      let id = String(name.dropLast(suffix.count + end.count))
      return StoreName.isName(id) ? id : nil
    }
    // One that was copied in from another place: ID.tar.NUMBER.partial
    guard let match = name.wholeMatch(of: #/(.+)\.tar\.\d+\.partial/#) else { return nil }
    let id = String(match.1)
    return StoreName.isName(id) ? id : nil
  }

  /// What a person types is a path, not an id. A name with the suffix is a file in the current folder, as for tar itself.
  package static func isPath(_ typed: String) -> Bool { typed.contains("/") || typed.hasSuffix(suffix) }
}

extension Repository {
  /// Every whole archive, oldest first by the moments in their names.
  package func archives() throws(BelayError) -> [ArchiveEntry] {
    do throws(ArchiveError) {
      return try list().compactMap { ArchiveEntry($0, in: self) }.sorted { $0.age < $1.age }
    } catch {
      throw BelayError(.failed, "cannot read the store \(location)", hint: error.hint, causes: [error.message])
    }
  }

  /// The names of all files, whole archives or not.
  func names() throws(BelayError) -> [String] {
    do throws(ArchiveError) {
      return try list().map(\.name)
    } catch {
      throw BelayError(.failed, "cannot read the store \(location)", hint: error.hint, causes: [error.message])
    }
  }

  /// Files of archives that were not written to their end, or did not pass their verification.
  func unfinished() throws(BelayError) -> [StoredFile] {
    do throws(ArchiveError) {
      return try (list().filter { $0.name.hasSuffix(ArchiveName.unverified) } + halfWritten())
        .sorted { $0.name < $1.name }
    } catch {
      throw BelayError(.failed, "cannot read the store \(location)", hint: error.hint, causes: [error.message])
    }
  }

  /// The archive of exactly that id; nil: there is none.
  package func entry(_ id: String) throws(BelayError) -> ArchiveEntry? {
    do throws(ArchiveError) {
      return try stat(ArchiveName.of(id)).flatMap { ArchiveEntry($0, in: self) }
    } catch {
      throw BelayError(.failed, "cannot read the store \(location)", hint: error.hint, causes: [error.message])
    }
  }

  /// The archive that `id` names: its whole id, a prefix that no other has, `latest`, `oldest`, or the path of a file.
  package func resolve(_ id: String) throws(BelayError) -> ArchiveEntry {
    if id.contains("/") { return try ArchiveEntry(path: FilePath(id)) }
    if !["latest", "oldest", ""].contains(id), let exact = try entry(id) { return exact }
    let all = try archives()
    guard let newest = all.last, let oldest = all.first else {
      throw BelayError(.notFound, "there is no archive in \(location)", hint: "create one with `belay backup`")
    }
    switch id {
    case "latest": return newest
    case "oldest": return oldest
    default: break
    }
    let matches = all.filter { $0.id.hasPrefix(id) }
    guard let match = matches.first, !id.isEmpty else {
      throw BelayError(.notFound, "no archive \(id) in \(location)", hint: "`belay list` shows the archives")
    }
    guard matches.count == 1 else {
      throw BelayError(
        .notFound, "\(id) matches \(matches.count) archives", hint: "type more of the id",
        causes: matches.prefix(5).map(\.id))
    }
    return match
  }
}

/// Orders ids of one store by age, also those of one second: by their number where only that differs, for a copied file
/// may have lost its times; else by when the file was written.
private struct RunAge: Comparable {
  let id: String
  let written: Date

  static func < (a: Self, b: Self) -> Bool {
    let (left, right) = (a.id.prefix { $0 != "-" }, b.id.prefix { $0 != "-" })
    if left != right { return left < right }
    if a.base == b.base { return a.number < b.number }
    if a.written != b.written { return a.written < b.written }
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

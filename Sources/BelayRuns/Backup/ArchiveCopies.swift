import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayStore
import Foundation
import SystemPackage

/// Copies archives of the store into other repositories, and remembers that. An archive counts as stored there only when its
/// size and its content have been compared there.
package struct ArchiveCopies {
  private let context: RunContext

  package init(context: RunContext) { self.context = context }

  /// Copies a new archive to where belay.yaml says that it goes.
  /// - Parameters:
  ///   - target: the name in belay.yaml of what it is of; nil: it has none.
  ///   - required: those without which the run is not to go on, or all others.
  /// - Returns: what to tell of those that do not have it.
  /// - Throws: where a required one does not have it, or somebody has stopped the run.
  package func store(
    _ entry: ArchiveEntry, of target: String?, kind: String?, required: Bool
  ) throws(BelayError) -> [String] {
    let kind = kind ?? ArchiveKind.manual.name
    var warnings: [String] = []
    for repository in context.settings.repositories
    where repository.isRequired == required && repository.takes(target: target, kind: kind) {
      do throws(BelayError) {
        try store(entry, in: repository)
      } catch {
        guard !required, !context.cancellation.isCancelled else { throw error }
        warnings.append(
          "not stored in \(repository.name): \(([error.message] + error.causes).joined(separator: ": "));"
            + " to try again: belay archive \(entry.id) --to \(repository.name) --keep")
      }
    }
    return warnings
  }

  /// Copies one archive of the store into a repository, where it is whole and compared when this returns.
  package func store(_ entry: ArchiveEntry, in repository: RepositoryDefinition) throws(BelayError) {
    context.phase(.store, "\(entry.id) in \(words(repository))")
    let cancellation = context.cancellation
    let shelf = repository.repository(isStopped: { cancellation.isCancelled })
    do throws(ArchiveError) {
      try refuseStore(shelf, repository)
      try shelf.store(FilePath(entry.location), as: ArchiveName.of(entry.id))
    } catch {
      if cancellation.isCancelled { throw context.interruption() }
      throw BelayError(
        .failed, "cannot store the archive \(entry.id) in \(words(repository))", hint: error.hint,
        causes: [error.message])
    }
    try remember(entry, in: repository, shelf)
  }

  /// As it is named, and where that is.
  private func words(_ repository: RepositoryDefinition) -> String {
    let place = repository.place.text
    return repository.name == place ? place : "\(repository.name) (\(place))"
  }

  /// The store itself under another path is no copy: whoever removes an archive from one removes it from both.
  private func refuseStore(_ shelf: any Repository, _ repository: RepositoryDefinition) throws(ArchiveError) {
    let name = ".belay-place-\(getpid())-\(UInt32.random(in: .min ... .max))"
    let probe = context.store.root.appending(name)
    do throws(Errno) {
      let file = try Self.create(probe)
      try Self.closed(file)
    } catch {
      throw .system("write", probe.string, error)
    }
    defer { unlink(probe.string) }
    guard try shelf.stat(name) == nil else {
      throw ArchiveError(
        .io, path: shelf.location, "\(repository.place.text) is the store itself",
        hint: "a copy in it would be none: name another place")
    }
  }

  private static func create(_ path: FilePath) throws(Errno) -> FileDescriptor {
    do {
      return try FileDescriptor.open(
        path, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec], permissions: [.ownerReadWrite])
    } catch {
      throw error as? Errno ?? .ioError
    }
  }

  private static func closed(_ file: FileDescriptor) throws(Errno) {
    do { try file.close() } catch { throw error as? Errno ?? .ioError }
  }

  private func remember(
    _ entry: ArchiveEntry, in repository: RepositoryDefinition, _ shelf: any Repository
  ) throws(BelayError) {
    let reader = try entry.open()
    let location = "\(shelf.location)/\(ArchiveName.of(entry.id))"
    let runs = context.store.runs
    try runs.note(
      ArchiveCopy(
        repository: repository.name, location: location, at: Moment.iso(Date()), bytes: entry.bytes),
      of: entry.id, in: repository)
    try runs.noteProofs(of: entry.id, manifest: reader.manifestSHA256, in: repository)
    do {
      try AuditLog(runs: runs).append(
        action: "store", target: reader.manifest.target.url, run: entry.id, status: .done,
        summary: "stored \(entry.id) in \(words(repository)), and compared it there", now: Date())
    } catch {
      throw BelayError(
        .failed, "cannot write the audit log", state: "the archive \(entry.id) is stored in \(words(repository))",
        causes: ["\(error)"])
    }
  }
}

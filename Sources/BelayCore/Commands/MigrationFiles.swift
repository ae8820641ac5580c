import BelayBase
import BelayChange
import Foundation
import SystemPackage

/// `belay new NAME`: the next migration of a folder. Connects to nothing, and never overwrites.
package struct MigrationFiles {
  private let folder: FilePath
  private let convention: ConventionName?

  package init(settings: MigrationSettings) {
    folder = FilePath(settings.directory ?? "migrations")
    convention = settings.convention
  }

  package func make(_ title: String, now: Date) throws(BelayError) -> RunResult {
    // A name that cannot be used must not leave a folder behind.
    _ = try NewMigration(title, in: folder, chosen: convention, now: now)
    let handle = try lockedFolder()
    defer { try? handle.close() }  // read-only: nothing can be lost by a failed close
    // Who waited for the lock finds what the other one has made.
    let new = try NewMigration(title, in: folder, chosen: convention, now: now)
    try write(new.files)
    let paths = new.files.filter { !$0.replaces }.map { folder.pushing(FilePath($0.path)).string }
    return RunResult(
      .done,
      "made \(Counted.text(paths.count, "file")) in \(folder) (\(new.reason)): write the SQL, then try "
        + "`belay migrate --plan`", output: paths)
  }

  /// One file, which was drafted from what lay there before.
  /// - Parameter was: its bytes then; nil: there was none.
  /// - Returns: its path.
  package func put(_ file: DraftedFile, replacing was: [UInt8]?) throws(BelayError) -> String {
    let handle = try lockedFolder()
    defer { try? handle.close() }  // read-only: nothing can be lost by a failed close
    let path = folder.pushing(FilePath(file.path))
    if file.replaces, was != nil, (FileManager.default.contents(atPath: path.string)).map(Array.init) != was {
      throw BelayError(
        .failed, "\(path) has been changed meanwhile", hint: "try it again", state: "nothing was written")
    }
    try write([file])
    return path.string
  }

  /// Two that are started at once must not give out one number twice.
  private func lockedFolder() throws(BelayError) -> FileDescriptor {
    do throws(Errno) {
      try Durable.makeFolder(folder, mode: 0o755)
      let handle = try Durable.typed {
        try FileDescriptor.open(folder, .readOnly, options: [.directory, .closeOnExec])
      }
      guard flock(handle.rawValue, LOCK_EX) == 0 else { throw Errno(rawValue: errno) }
      return handle
    } catch {
      throw Self.failure("cannot use the migrations folder \(folder)", error)
    }
  }

  /// All or none of them.
  private func write(_ files: [DraftedFile]) throws(BelayError) {
    var made: [FilePath] = []
    for file in files {
      let path = folder.pushing(FilePath(file.path))
      let parent = path.removingLastComponent()
      do throws(Errno) {
        if parent != folder, mkdir(parent.string, 0o755) == 0 {
          made.append(parent)
          try Durable.syncFolder(parent.removingLastComponent())
        }
        if file.replaces {
          try Durable.write(
            Data(file.text.utf8), to: path, permissions: [.ownerReadWrite, .groupRead, .otherRead])
        } else {
          try Durable.createNew(
            Data(file.text.utf8), at: path, permissions: [.ownerReadWrite, .groupRead, .otherRead])
          made.append(path)
        }
      } catch {
        for path in made.reversed() where unlink(path.string) != 0 { rmdir(path.string) }
        throw Self.failure(error == .fileExists ? "\(path) already exists" : "cannot write \(path)", error)
      }
    }
  }

  private static func failure(_ what: String, _ error: Errno) -> BelayError {
    BelayError(.failed, what, state: "nothing was written", causes: error == .fileExists ? [] : [error.description])
  }
}

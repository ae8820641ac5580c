import BelayBase
import Foundation
import SystemPackage

/// The file lock that a run holds on its target within one store. The kernel lets go of it when the process is gone.
package struct TargetLock: ~Copyable {
  private let file: FileDescriptor

  /// - Parameters:
  ///   - identity: the target's, as its driver tells.
  ///   - wait: how long to try. Not zero by default: `isHeld` of another process has it for a moment.
  package init(runs: RunState, identity: String, holder: String, wait: Duration = .milliseconds(500)) throws(BelayError)
  {
    file = try Self.take(Self.path(runs: runs, identity: identity), identity: identity, wait: wait)
    // Only for the message of whoever comes next; the lock itself is the kernel's.
    ftruncate(file.rawValue, 0)
    _ = try? file.writeAll(Data(holder.utf8))
  }

  private static func take(_ path: FilePath, identity: String, wait: Duration) throws(BelayError) -> FileDescriptor {
    let file: FileDescriptor
    do throws(FileFlaw) {
      file = try RegularFile.open(path, .readWrite, options: [.create], trust: .ownFile)
    } catch {
      throw BelayError(.refused, "the lock file \(path) \(error.text)", hint: error.cure)
    }
    let deadline = ContinuousClock.now + wait
    while flock(file.rawValue, LOCK_EX | LOCK_NB) != 0 {
      guard ContinuousClock.now < deadline else {
        let holder = (try? RegularFile.read(path, most: 4096)).map { String(decoding: $0, as: UTF8.self) } ?? ""
        try? file.close()
        throw BelayError(
          .locked, "another belay run is using \(identity)",
          hint: "wait until it has ended; `belay status` shows it",
          state: "this call changed nothing", causes: holder.isEmpty ? [] : [holder])
      }
      usleep(50_000)
    }
    return file
  }

  package consuming func release() {
    flock(file.rawValue, LOCK_UN)
    try? file.close()
    discard self
  }

  deinit {
    try? file.close()
  }

  /// Whether some process holds it now.
  package static func isHeld(runs: RunState, identity: String) -> Bool {
    let path = path(runs: runs, identity: identity)
    guard let file = try? RegularFile.open(path, trust: .ownFile) else { return false }
    defer { try? file.close() }
    return flock(file.rawValue, LOCK_SH | LOCK_NB) != 0
  }

  private static func path(runs: RunState, identity: String) -> FilePath {
    runs.locksFolder.appending(TargetName.of(identity: identity) + ".lock")
  }
}

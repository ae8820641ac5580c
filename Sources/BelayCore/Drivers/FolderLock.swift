import BelayBase
import Foundation
import SystemPackage

/// Keeps two installations from working in one folder at the same time. Gone with the process.
final class FolderLock {
  private let descriptor: FileDescriptor

  init(_ folder: FilePath) throws(BelayError) {
    do {
      descriptor = try Durable.typed {
        try FileDescriptor.open(folder, .readOnly, options: [.directory, .closeOnExec])
      }
    } catch {
      throw DriverInstallation.failure("cannot open the folder \(folder)", error, forAll: false)
    }
    guard flock(descriptor.rawValue, LOCK_EX | LOCK_NB) == 0 else {
      throw BelayError(
        .locked, "another belay process is installing or removing drivers in \(folder)",
        hint: "try again when it is done",
        state: "nothing was changed")
    }
  }

  deinit { try? descriptor.close() }  // nothing was written through it
}

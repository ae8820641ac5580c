import BelayBase
import Foundation
import SystemPackage

@testable import BelayStore

/// What lies beside the archives of a store.
enum StoreInput {
  private static let folder: FilePath = {
    let shared = FileManager.default.fileExists(atPath: "/dev/shm") ? "/dev/shm" : NSTemporaryDirectory()
    let folder = "\(shared)/belay-fuzz-\(getpid())"
    do {
      try FileManager.default.createDirectory(
        atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    } catch {
      fatalError("cannot create \(folder): \(error)")
    }
    // libFuzzer ends the process by itself.
    atexit { try? FileManager.default.removeItem(atPath: StoreInput.folder.string) }  // it is only for this process
    return FilePath(folder)
  }()

  private static func write(_ input: UnsafeRawBufferPointer, _ name: String) -> FilePath {
    let path = folder.appending(name)
    do {
      try Data(input).write(to: URL(filePath: path.string))
    } catch {
      fatalError("cannot write \(path): \(error)")
    }
    return path
  }

  static func journal(_ input: UnsafeRawBufferPointer) {
    let contents = Journal.contents(write(input, Journal.fileName))
    _ = (contents.isEmpty, contents.isEnded, contents.record)
    _ = PreviousDatabase.copies(in: contents.steps)
    for kept in PreviousDatabase.kept(in: contents.steps) { _ = (kept.line, kept.isOver(at: Date())) }
  }

  static func audit(_ input: UnsafeRawBufferPointer) {
    _ = write(input, "audit.ndjson")
    let runs = RunState(folder)
    do throws(BelayError) {
      let verdict = try AuditLog(runs: runs).verify(runs: runs)
      hold(verdict.entries <= input.count { $0 == UInt8(ascii: "\n") } + 1, "an entry is a line")
    } catch {
      hold(!error.message.isEmpty, "an error has a message")
    }
  }
}

import Foundation

/// Another program that writes to a test's database all along, a row every 10 ms, without changing what is in it. Only where
/// `BELAY_TEST_OTHERS` is set: what holds of a migration holds beside others too.
///
///     BELAY_TEST_OTHERS=1 scripts/test --filter 'ContractTests|CaughtLossTests|RebuildTests|JudgedPartsTests'
final class OtherProgram {
  private let running: Program.Running
  private let stop: URL

  static var isWanted: Bool { ProcessInfo.processInfo.environment["BELAY_TEST_OTHERS"] != nil }

  /// - Parameters:
  ///   - client: a command of the shell that runs SQL from its standard input, and goes on after errors.
  init(client: String, in folder: URL) throws {
    stop = folder.appending(path: ".stop")
    let write = "UPDATE customers SET name = name WHERE id = 1;"
    running = try Program.start(
      "/bin/sh", ["-c", "while [ ! -e .stop ]; do echo '\(write)'; sleep 0.01; done | \(client) >/dev/null 2>&1"],
      in: folder)
  }

  deinit {
    _ = FileManager.default.createFile(atPath: stop.path, contents: nil)
    _ = try? running.wait()
  }
}

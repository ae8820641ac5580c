import BelayBase
import BelayDrivers
import BelayProcess
import Foundation
import Glibc

/// The process that loads one driver and says what it is. Its stdout and stderr are for the driver's words, of which
/// there should be none; its descriptor 3 takes the answer.
enum DriverProbeChild {
  /// What the executable is called with, before the driver's name and path. Not for people.
  static let subcommand = "__driver"
  static let answers: Int32 = 3

  /// Never returns.
  /// - Parameters:
  ///   - arguments: The driver's name and its path.
  ///   - executable: The path of the running one: the keys that bind are found from it.
  static func main(_ arguments: [String], executable: String) -> Never {
    signal(SIGPIPE, SIG_IGN)
    // Swift's own handlers, where they are on, would print where it crashed, as if the driver had.
    for crash in [SIGSEGV, SIGBUS, SIGILL, SIGABRT, SIGFPE, SIGTRAP] { signal(crash, SIG_DFL) }
    _ = fcntl(answers, F_SETFD, FD_CLOEXEC)
    guard arguments.count == 2 else { _exit(64) }
    let (name, path) = (arguments[0], arguments[1])
    let search = DriverSearch(
      paths: [], environment: ProcessInfo.processInfo.environment, executable: executable)
    let message: DriverProbe.Message
    do throws(DriverLoadError) {
      let driver = try Driver.load(name: name, path: path, keys: search.keys)
      message = .loaded(
        DriverProbe.Answer(
          version: driver.version, schemes: driver.schemes, extensions: driver.extensionIDs, abi: driver.abi))
    } catch {
      message = .refused(message: error.message, hint: error.hint)
    }
    do {
      FileBytes.writeAll(try EventLine.encode(message) + [UInt8(ascii: "\n")], to: answers)
    } catch {
      _exit(1)  // plain values, which JSON holds
    }
    // What the driver printed may still lie in stdio's buffer.
    fflush(nil)
    // Not `exit`: a thread of the driver's may hang.
    _exit(0)
  }
}

import Foundation
import Glibc

/// What a crash of belay itself prints: where to go on, and nothing of what was in its memory. The runtime's own report shows
/// variables, and those hold URLs with passwords.
enum CrashWords {
  private static let signals = [SIGSEGV, SIGBUS, SIGILL, SIGABRT, SIGFPE, SIGTRAP]

  private static let words: StaticString = """
    error: belay has crashed: this is a defect of belay
      hint: `belay status` shows whether a run is open; `belay recover` finishes or undoes it

    """

  /// SWIFT_BACKTRACE asks for the runtime's report.
  /// - Parameter speaks: false for a process whose death another one reports: it may be a driver's crash.
  static func install(speaks: Bool) {
    guard ProcessInfo.processInfo.environment["SWIFT_BACKTRACE"] == nil else { return }
    guard speaks else {
      for number in signals { signal(number, SIG_DFL) }
      return
    }
    for number in signals {
      signal(number) { number in
        // Nothing but calls that are safe in a handler.
        _ = write(STDERR_FILENO, CrashWords.words.utf8Start, CrashWords.words.utf8CodeUnitCount)
        signal(number, SIG_DFL)
        raise(number)
      }
    }
  }
}

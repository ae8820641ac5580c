import Foundation

extension Process {
  /// Ends a program for certain. A child of a thread of a pool inherits that thread's signal mask, in which SIGTERM is
  /// blocked; and `swift test` waits for every program that still has its output open.
  package func end() {
    guard isRunning else { return }
    kill(processIdentifier, SIGKILL)
    waitUntilExit()
  }
}

import BelayBase
import BelayDatabase
import BelayProcess
import Foundation
import Glibc

/// Signals as bytes in a pipe, so that one `poll` waits for the worker, the keyboard and them.
package final class SignalPipe: Sendable {
  /// The end to poll and to read.
  package let descriptor: Int32
  private let writeEnd: Int32

  package init() {
    // Without descriptors left there is no signal pipe, and no worker either: its start says so.
    let ends = PipeEnds.open()
    descriptor = ends?.reading ?? -1
    writeEnd = ends?.writing ?? -1
    for end in [descriptor, writeEnd] { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
  }

  deinit {
    close(descriptor)
    close(writeEnd)
  }

  /// Starts to catch SIGINT, SIGTERM and SIGHUP for this process. Before any other thread is started.
  /// - Throws: where the system has no thread left.
  package func catchSignals() throws(BelayError) {
    guard SignalThread.start({ self.send($0, isFromTerminal: $1) }) else {
      throw BelayError.noThread.with(state: "nothing was changed")
    }
  }

  /// A signal that has come.
  package struct Taken: Sendable, Equatable {
    package let number: Int32
    /// Every process of the terminal's foreground has got it.
    package let isFromTerminal: Bool
  }

  private static let terminalBit: UInt8 = 0x80

  /// Puts one signal in, as if it had come.
  package func send(_ signal: Int32, isFromTerminal: Bool = false) {
    let bit = isFromTerminal ? Self.terminalBit : 0
    FileBytes.writeAll([UInt8(truncatingIfNeeded: signal) | bit], to: writeEnd)
  }

  /// Those that have come since.
  package func taken() -> [Taken] {
    var bytes = [UInt8](repeating: 0, count: 64)
    let count = bytes.withUnsafeMutableBytes { read(descriptor, $0.baseAddress, $0.count) }
    return bytes[..<max(count, 0)].map {
      Taken(number: Int32($0 & ~Self.terminalBit), isFromTerminal: $0 & Self.terminalBit != 0)
    }
  }
}

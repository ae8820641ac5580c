import BelayBase
import BelayCore
import BelayDrivers
import BelaySystem
import Glibc

/// Listens to the front in a thread of its own while the work goes on.
final class CommandListener: @unchecked Sendable {
  // Unchecked: `reader` is touched by the caller before `start` and by the listening thread alone after it.
  private var reader: LineReader
  private let narrator: PipeNarrator
  private let cancellation: Cancellation

  init(reader: LineReader, narrator: PipeNarrator, cancellation: Cancellation) {
    self.reader = reader
    self.narrator = narrator
    self.cancellation = cancellation
  }

  /// - Returns: false where the system has no thread left.
  func start() -> Bool {
    let thread = JoinableThread {
      while case .lines(let lines) = self.reader.next() { self.take(lines) }
      // The front is gone, as if the terminal had been closed.
      self.cancellation.cancel(signal: SIGHUP)
    }
    thread?.detach()
    return thread != nil
  }

  func take(_ lines: [[UInt8]]) {
    for line in lines {
      do {
        switch try EventLine.decode(Command.self, from: line) {
        case .answer(let answer): narrator.take(answer)
        case .cancel(let signal, let isFromTerminal):
          cancellation.cancel(signal: signal, isFromTerminal: isFromTerminal ?? false)
        }
      } catch {
        narrator.tell(.log(LogLine(.warning, "unreadable message from the front: \(error)")))
      }
    }
  }
}

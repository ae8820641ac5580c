import BelayBase
import BelayCore
import BelayDrivers
import BelayProcess
import BelaySystem
import Foundation
import Synchronization

/// The worker's voice: events go as lines of JSON into a pipe.
///
/// A thread of its own writes, so that a front that is stopped (Ctrl+Z) or gone holds up no change to a database. What
/// the front must know should the worker die the next moment (`run`, `question`, `result`) is waited for, but not long.
package final class PipeNarrator: Narrator {
  private struct State {
    var lines: [[UInt8]] = []
    var isWriting = false
    var isBroken = false
    var isFinished = false
    var nextQuestion = 1
    var answers: [Int: String] = [:]
    var isDeaf = false
    var lastProgress: [String: ContinuousClock.Instant] = [:]
    var lastWords = LastWords()
  }

  private let descriptor: Int32
  private let interactive: Bool
  private let board: LastWordsBoard?
  /// Guards `state`; a condition and not a `Mutex`, because threads wait here for lines, room and answers.
  private let condition = NSCondition()
  private nonisolated(unsafe) var state = State()
  /// Where the system has no thread left, whoever tells writes. Set by `init` alone.
  private nonisolated(unsafe) var hasThread = false

  /// How long an event that must arrive is waited for when the front does not read.
  private static let patience: TimeInterval = 2
  /// More progress than this is not drawn anyway.
  private static let progressInterval = Duration.milliseconds(50)

  /// - Parameters:
  ///   - descriptor: The pipe's write end. Stays the caller's.
  ///   - interactive: Somebody can answer. Else `ask` returns nil at once.
  ///   - cancellation: A wait for an answer ends when it fires.
  package convenience init(descriptor: Int32, interactive: Bool, cancellation: Cancellation) {
    self.init(descriptor: descriptor, interactive: interactive, cancellation: cancellation, board: nil)
  }

  /// - Parameter board: Where the front finds what was last to be done, should this process die.
  init(descriptor: Int32, interactive: Bool, cancellation: Cancellation, board: LastWordsBoard?) {
    self.descriptor = descriptor
    self.interactive = interactive
    self.board = board
    let thread = JoinableThread { while self.writeNext() {} }
    thread?.detach()
    hasThread = thread != nil
    cancellation.onCancel { [weak self] in self?.stopWaiting() }
  }

  package func tell(_ event: Event) {
    if let board { note(event, on: board) }
    if case .progress(let progress) = event, isTooSoon(progress) { return }
    guard var line = Self.encoded(event) else { return }
    line.append(UInt8(ascii: "\n"))
    condition.withLock {
      guard !state.isBroken else { return }
      state.lines.append(line)
      condition.broadcast()
    }
    guard hasThread else {
      _ = writeNext()
      return
    }
    switch event {
    // What is shown before a command writes to the same terminal.
    case .run, .question, .result, .command: flush(within: Self.patience)
    case .loading, .phase, .progress, .estimate, .log, .finding, .diagnosis, .check, .section, .observed, .difference,
      .migration, .tableCopy:
      break
    }
  }

  package func ask(_ kind: Question.Kind, _ text: String) -> String? {
    guard interactive else { return nil }
    let id = condition.withLock {
      defer { state.nextQuestion += 1 }
      return state.nextQuestion
    }
    tell(.question(Question(id: id, kind: kind, text: text)))
    return condition.withLock {
      while state.answers[id] == nil && !state.isDeaf { condition.wait() }
      return state.answers.removeValue(forKey: id)
    }
  }

  /// Hands an answer to the `ask` that waits for it.
  package func take(_ answer: Answer) {
    condition.withLock {
      state.answers[answer.id] = answer.text
      condition.broadcast()
    }
  }

  /// Waits until everything told is written, or the front is gone. The last call.
  package func finish() {
    flush(within: nil)
    condition.withLock {
      state.isFinished = true
      condition.broadcast()
    }
  }

  private func note(_ event: Event, on board: LastWordsBoard) {
    condition.withLock { if state.lastWords.take(event), let text = state.lastWords.text { board.write(text) } }
  }

  private func stopWaiting() {
    condition.withLock {
      state.isDeaf = true
      condition.broadcast()
    }
  }

  private func flush(within seconds: TimeInterval?) {
    let limit = Date(timeIntervalSinceNow: seconds ?? .greatestFiniteMagnitude)
    condition.withLock {
      while !state.isBroken && (!state.lines.isEmpty || state.isWriting) {
        if seconds == nil {
          condition.wait()
        } else if !condition.wait(until: limit) {
          return
        }
      }
    }
  }

  private func isTooSoon(_ progress: ProgressUpdate) -> Bool {
    guard !progress.isOver else { return false }
    let now = ContinuousClock.now
    return condition.withLock {
      if let last = state.lastProgress[progress.what], now - last < Self.progressInterval { return true }
      state.lastProgress[progress.what] = now
      return false
    }
  }

  /// The writing thread's one step. false: the front is gone, or nothing more will come.
  private func writeNext() -> Bool {
    let lines = condition.withLock {
      while state.lines.isEmpty && !state.isFinished { condition.wait() }
      state.isWriting = !state.lines.isEmpty
      defer { state.lines = [] }
      return state.lines
    }
    guard !lines.isEmpty else { return false }
    let isWritten = FileBytes.writeAll(lines.joined(), to: descriptor)
    condition.withLock {
      state.isWriting = false
      if !isWritten {
        state.isBroken = true
        state.lines = []
      }
      condition.broadcast()
    }
    return isWritten
  }

  /// nil only for an event that JSON cannot hold; none of them has a non-finite number.
  private static func encoded(_ event: Event) -> [UInt8]? {
    do {
      return [UInt8](try EventLine.encode(event))
    } catch {
      return nil
    }
  }
}

import BelayBase
import Synchronization

/// What a driver tells of its progress during one operation. A driver need not say that a piece is over, and few tell its
/// last bit: the operation's end is the end of all its pieces.
final class OperationProgress: Sendable {
  private let narrator: any Narrator
  private let what: String
  private let open = Mutex<[String: ProgressUpdate]>([:])

  /// - Parameter what: the piece; empty: the driver names its own.
  init(narrator: any Narrator, what: String) {
    self.narrator = narrator
    self.what = what
  }

  deinit {
    for (_, piece) in open.withLock({ $0 }).sorted(by: { $0.key < $1.key }) {
      var last = piece
      last.ended = true
      narrator.tell(.progress(last))
    }
  }

  func take(_ done: UInt64, of total: UInt64, _ driverWhat: String) {
    let update = ProgressUpdate(what: what.isEmpty ? driverWhat : what, done: done, total: total, unit: .driver)
    open.withLock { $0[update.what] = update.isOver ? nil : update }
    narrator.tell(.progress(update))
  }
}

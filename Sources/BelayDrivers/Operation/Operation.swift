import BelayABI
import BelayText
import CBelayDriver
import Synchronization

/// What a running call can use of its host: whether to stop, how long it may take, and where to report progress.
///
/// One operation may serve many calls, one after another or at once; its time limit starts with `init`. Without a
/// cancellation Ctrl+C does not stop it: rollback runs like this.
package final class Operation: Sendable {
  package typealias Log = @Sendable (LogLevel, String) -> Void
  package typealias Progress = @Sendable (_ done: UInt64, _ total: UInt64, _ what: String) -> Void

  package let cancellation: Cancellation?
  /// nil: a call that meets a lock of others fails at once.
  let lockPatience: LockPatience?
  private let onLog: Log?
  private let onProgress: Progress?
  private let onPoll: (@Sendable () -> Bool)?
  private let deadline: ContinuousClock.Instant?
  /// Of the databases that its calls work on.
  private let urls = Mutex<[RedactedURL]>([])

  package init(
    cancellation: Cancellation? = nil, timeout: Duration? = nil, lockPatience: LockPatience? = nil, onLog: Log? = nil,
    onProgress: Progress? = nil,
    onPoll: (@Sendable () -> Bool)? = nil
  ) {
    self.cancellation = cancellation
    self.deadline = timeout.map { ContinuousClock.now.advanced(by: $0) }
    self.lockPatience = lockPatience
    self.onLog = onLog
    self.onProgress = onProgress
    self.onPoll = onPoll
  }

  /// From now on, the secrets of this URL are cut out of what drivers say: they, and the libraries beneath them, may quote
  /// it.
  func hide(_ url: RedactedURL) {
    guard url.hasSecrets else { return }
    urls.withLock { if !$0.contains(url) { $0.append(url) } }
  }

  func log(_ level: LogLevel, _ message: String) { onLog?(level, shown(message)) }

  func progress(_ done: UInt64, _ total: UInt64, _ what: String) { onProgress?(done, total, shown(what)) }

  private func shown(_ text: String) -> String { urls.withLock { $0 }.reduce(text) { $1.hide(in: $0) } }

  package var isCancelled: Bool { cancellation?.isCancelled ?? false }

  /// The answer to a driver that asks whether to stop. onPoll is called for each such question, and may answer yes.
  func askedToStop() -> Bool { onPoll?() ?? false || isCancelled }

  /// Milliseconds until the deadline, rounded up; 0 if it has passed, -1 if there is none.
  package var remainingMilliseconds: Int64 {
    guard let deadline else { return -1 }
    let left = ContinuousClock.now.duration(to: deadline)
    guard left > .zero else { return 0 }
    let (seconds, attoseconds) = left.components
    let (milliseconds, overflow) = seconds.multipliedReportingOverflow(by: 1000)
    return overflow ? .max : milliseconds &+ (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
  }

  /// The operation that a driver passed to a callback; nil if the driver passed NULL.
  static func from(_ pointer: OpaquePointer?) -> Operation? {
    pointer.map { Unmanaged<Operation>.fromOpaque(UnsafeRawPointer($0)).takeUnretainedValue() }
  }

  /// Valid for one call: the caller keeps the operation alive.
  package var borrowed: OpaquePointer { OpaquePointer(Unmanaged.passUnretained(self).toOpaque()) }
}

import BelayBase
import BelayDrivers
import BelayEncryption
import BelayStore
import Foundation
import SystemPackage

/// What every run needs and none owns: settings, the store, a way to speak, and the switch that stops it.
package struct RunContext: Sendable {
  package private(set) var settings: Settings
  package let store: Store
  /// For encrypted archives.
  package let keys: Keyring
  package let narrator: any Narrator
  package private(set) var cancellation: Cancellation
  package private(set) var interactive: Bool
  package let drivers: DriverSearch

  /// - Parameter look: Tells the schemes of a driver's file that has no record of them.
  package init(
    settings: Settings, narrator: any Narrator, cancellation: Cancellation, interactive: Bool, look: DriverLook? = nil
  ) {
    self.settings = settings
    self.narrator = narrator
    self.cancellation = cancellation
    self.interactive = interactive
    store = Store(
      FilePath(settings.store), elsewhere: settings.repository, isStopped: { cancellation.isCancelled })
    keys = Keyring(settings.encryption)
    drivers = DriverSearch(
      paths: settings.driverPaths, environment: ProcessInfo.processInfo.environment, executable: settings.executable,
      look: look, onLoad: { narrator.tell(.loading(DriverLoading(driver: $0.name, path: $0.path))) })
  }

  /// An operation that Ctrl+C stops.
  /// - Parameter waitsForLocks: of others, for as long as a statement of a migration would.
  package func stoppable(
    _ what: String = "", waitsForLocks: Bool = false
  ) -> BelayDrivers.Operation {
    operation(what, cancellation: cancellation, patience: waitsForLocks ? lockTimeout : nil)
  }

  /// An operation that Ctrl+C does not stop: a rollback. It waits for locks of others.
  package func unstoppable(_ what: String = "") -> BelayDrivers.Operation {
    operation(what, cancellation: nil, patience: Self.rollbackPatience)
  }

  /// For opening a database: Ctrl+C stops it, and it waits for locks of others.
  package func opening() -> BelayDrivers.Operation {
    operation(
      "opening", cancellation: cancellation, patience: lockTimeout)
  }

  private var lockTimeout: Duration { .seconds(settings.migrations.lockTimeoutSeconds) }

  /// A statement of a migration, with the time that it may take from now on.
  /// - Parameters:
  ///   - seconds: 0: no limit.
  ///   - most: another limit; nil: none.
  ///   - said: what the driver says meanwhile.
  package func statementOperation(
    _ what: String, seconds: Int, most: Duration? = nil, said: @escaping @Sendable (LogLine) -> Void
  ) -> BelayDrivers.Operation {
    let limits = [seconds > 0 ? .seconds(seconds) : nil, most].compactMap(\.self)
    return operation(what, cancellation: cancellation, timeout: limits.min(), said: said)
  }

  private func operation(
    _ what: String, cancellation: Cancellation?, timeout: Duration? = nil,
    patience: Duration? = nil, said: (@Sendable (LogLine) -> Void)? = nil
  ) -> BelayDrivers.Operation {
    let narrator = narrator
    let progress = OperationProgress(narrator: narrator, what: what)
    let say = said ?? { narrator.tell(.log($0)) }
    return BelayDrivers.Operation(
      cancellation: cancellation, timeout: timeout, lockPatience: patience.map { lockPatience(what, $0) },
      onLog: { level, message in say(LogLine(LogLine.Level(level), message)) },
      onProgress: { done, total, driverWhat in progress.take(done, of: total, driverWhat) })
  }

  package func phase(_ phase: Phase, _ detail: String = "") { narrator.tell(.phase(PhaseStarted(phase, detail))) }
  package func log(_ level: LogLine.Level, _ message: String) { narrator.tell(.log(LogLine(level, message))) }

  /// Throws where a signal asked to stop.
  package func checkCancelled() throws(BelayError) {
    if cancellation.isCancelled { throw interruption() }
  }

  /// How a run ends that a signal stopped. The caller adds the state of the database.
  package func interruption() -> BelayError {
    let terminated = cancellation.signal == SIGTERM
    return BelayError(terminated ? .terminated : .interrupted, "interrupted")
  }
}

extension LogLine.Level {
  package init(_ level: LogLevel) {
    switch level {
    case .debug: self = .debug
    case .info: self = .info
    case .notice: self = .notice
    case .warning: self = .warning
    case .error: self = .error
    }
  }
}

extension RunContext {
  /// The same context with a switch of its own, which the run's switch also throws: for work on two threads, where the
  /// failure of one ends the other.
  package func linked() -> RunContext {
    let child = Cancellation()
    let parent = cancellation
    parent.onCancel { [weak child] in child?.cancel(signal: parent.signal) }
    return with(cancellation: child)
  }

  /// The same context but for what is given.
  /// - Parameter settings: For the same store and the same drivers.
  package func with(
    settings: Settings? = nil, cancellation: Cancellation? = nil, interactive: Bool? = nil
  ) -> RunContext {
    var other = self
    other.settings = settings ?? other.settings
    other.cancellation = cancellation ?? other.cancellation
    other.interactive = interactive ?? other.interactive
    return other
  }
}

import BelayCore
import BelayDrivers
import Synchronization

/// Stands in until the core's engine is merged.
package struct Engine {
  private let narrator: any Narrator

  package init(settings: Settings, narrator: any Narrator, cancellation: Cancellation) {
    self.narrator = narrator
  }

  package func run(_ job: Job) -> RunResult {
    let error = BelayError(.failed, "this build has no engine")
    return RunResult(.failed, error.message, error: error)
  }
}

/// Stands in until the host's is merged.
package final class Cancellation: Sendable {
  private struct State {
    var cancelled = false
    var signal: Int32?
    var bodies: [@Sendable () -> Void] = []
  }
  private let state = Mutex(State())

  package init() {}

  package func cancel(signal: Int32?) {
    let bodies = state.withLock { state -> [@Sendable () -> Void] in
      guard !state.cancelled else { return [] }
      state.cancelled = true
      state.signal = signal
      defer { state.bodies = [] }
      return state.bodies
    }
    for body in bodies { body() }
  }

  package var isCancelled: Bool { state.withLock { $0.cancelled } }
  package var signal: Int32? { state.withLock { $0.signal } }

  package func onCancel(_ body: @escaping @Sendable () -> Void) {
    let now = state.withLock { state -> Bool in
      if !state.cancelled { state.bodies.append(body) }
      return state.cancelled
    }
    if now { body() }
  }
}

/// Stands in until the host's is merged.
package struct DriverCandidate: Sendable {
  package enum Origin: String, Sendable { case option, environment, user, system, buildTree }
  package enum Verdict: Sendable {
    case taken
    case passedOver(String)
    case refused(DriverLoadError)
  }
  package var name: String
  package var path: String
  package var origin: Origin
  package var verdict: Verdict
}

/// Stands in until the host's is merged.
package struct DriverLoadError: Error, Sendable, Equatable {
  package var name: String
  package var path: String?
  package var message: String
  package var hint: String?
}

/// Stands in until the host's is merged.
package struct DriverSearch: Sendable {
  package init(paths: [String], environment: [String: String], executable: String) {}
  package func candidates(named: String) -> [DriverCandidate] { [] }
  package func installed() -> [DriverCandidate] { [] }
}

/// Stands in until the core's store is merged.
package struct StoreShelf: ArchiveShelf {
  package init(_ store: String) {}
  package func archives() throws(BelayError) -> [ArchiveSummary] { [] }
  package func archive(_ id: String) throws(BelayError) -> ArchiveSummary {
    throw BelayError(.notFound, "no archive is named \(id)", hint: "`belay list` shows those there are")
  }
  package func openRuns() throws(BelayError) -> [OpenRunSummary] { [] }
}

import BelayBase
import BelayCore

/// What a worker was about to do, and with which driver: should it die, that is what a person needs to know.
struct LastWords {
  private var driver: DriverLoading?
  private var phase: PhaseStarted?
  private var step: ProgressUpdate?

  /// - Returns: Whether it changes what is to be said.
  mutating func take(_ event: Event) -> Bool {
    switch event {
    case .loading(let loading): driver = loading
    case .phase(let started): (phase, step) = (started, nil)
    case .progress(let progress) where progress.unit == .steps:
      step = progress.done < progress.total ? progress : nil
    case .run, .progress, .estimate, .log, .finding, .diagnosis, .check, .section, .observed, .difference, .migration,
      .tableCopy, .command, .question, .result:
      return false
    }
    return true
  }

  /// nil where no driver was loaded.
  var text: String? {
    guard let driver else { return nil }
    guard let phase else { return "it was loading driver \(driver.driver), \(driver.path)" }
    let place = step.map { " \($0.what), statement \($0.done + 1) of \($0.total)" }
    let detail = phase.detail.isEmpty ? "" : " \(phase.detail)"
    return "driver \(driver.driver) (\(driver.path)) was at: \(phase.phase.rawValue)\(place ?? detail)"
  }
}

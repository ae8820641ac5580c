import BelayCore

/// What a worker said last of its driver and of what it did with it: should it die, that is what a person needs to know.
struct LastWords {
  private var driver: DriverLoading?
  private var phase: PhaseStarted?
  private var step: Progress?

  mutating func take(_ event: Event) {
    switch event {
    case .loading(let loading): driver = loading
    case .phase(let started): (phase, step) = (started, nil)
    case .progress(let progress) where progress.unit == .steps:
      step = progress.done < progress.total ? progress : nil
    case .run, .progress, .log, .finding, .section, .observed, .question, .result: break
    }
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

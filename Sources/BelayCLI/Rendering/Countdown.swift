import BelayBase

/// The time that is left of a run, as it goes down from one estimate to the next.
struct Countdown {
  private let estimate: RunEstimate
  private let told: Duration

  /// - Parameter now: by the renderer's clock.
  init(_ estimate: RunEstimate, at now: Duration) {
    self.estimate = estimate
    told = now
  }

  /// "about 3 min left in all". nil: nothing is left to wait for.
  func words(at now: Duration) -> String? {
    guard estimate.milliseconds > 0 else { return nil }
    let left = Double(estimate.milliseconds) / 1000 - (now - told).seconds
    return left < 0 ? "longer than estimated" : "\(DurationText.about(left)) left in all"
  }
}

import BelayBase
import BelayCore
import BelayText
import Foundation

/// Runs the checks of several targets, one after the other, each in a worker of its own.
struct TargetChecks {
  /// A target as it was chosen, and what it resolves to.
  struct Chosen {
    let name: String
    let target: Result<Target, BelayError>
  }

  let targets: [Chosen]
  private let settings: Settings
  private let front: Front
  private let collector: CheckCollector

  /// - Parameters:
  ///   - typed: names or URLs; none: all of belay.yaml.
  ///   - showing: what the checks tell while they run.
  /// - Throws: where one that was typed is not there.
  init(
    _ typed: [String], in session: Session, showing: any Renderer, signals: SignalPipe = SignalPipe()
  ) throws(BelayError) {
    let configuration = try session.configuration()
    let resolver = session.resolver(configuration)
    settings = session.settings(configuration)
    var chosen: [Chosen] = []
    if typed.isEmpty, configuration.targets.count > 1 {
      // That a variable of one is not set is no reason to leave the others unchecked.
      for definition in configuration.targets {
        let target = Result { () throws(BelayError) in try resolver.target(definition.name) }
        chosen.append(Chosen(name: definition.name, target: target))
      }
    } else {
      for name in typed.isEmpty ? [nil] : typed.map(Optional.some) {
        let target = try resolver.target(name)
        let label = target.name ?? redact(url: target.url)
        if !chosen.contains(where: { $0.name == label }) {
          chosen.append(Chosen(name: label, target: .success(target)))
        }
      }
    }
    targets = chosen
    collector = CheckCollector(showing: showing)
    front = try session.front(store: settings.store, keyboard: nil, showing: collector, signals: signals)
  }

  /// One round.
  /// - Returns: those that were checked: a signal leaves the rest out.
  func run() -> [CheckedTarget] {
    var checked: [CheckedTarget] = []
    for chosen in targets {
      let one = check(chosen)
      checked.append(one)
      if one.result.isInterrupted { break }
    }
    return checked
  }

  func check(_ chosen: Chosen) -> CheckedTarget {
    let (began, at) = (ContinuousClock.now, Moment.iso(Date()))
    let result: RunResult
    switch chosen.target {
    case .failure(let error): result = RunResult(failure: error)
    case .success(let target):
      result = front.outcome(of: Job(.check, target: target, settings: settings, interactive: false))
    }
    return CheckedTarget(
      name: chosen.name, checks: collector.taken(), result: result, at: at,
      milliseconds: Int(began.duration(to: .now).seconds * 1000))
  }
}

extension RunResult {
  /// A signal asked to stop.
  var isInterrupted: Bool { status == .interrupted || status == .terminated }
}

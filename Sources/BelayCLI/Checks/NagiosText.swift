import BelayBase
import BelayText

/// What a monitoring plugin prints and exits with: one line that says all, the numbers behind a bar, and then the details.
struct NagiosText {
  enum State: Int32 {
    case ok = 0
    case warning = 1
    case critical = 2
    case unknown = 3

    var word: String { ["OK", "WARNING", "CRITICAL", "UNKNOWN"][Int(rawValue)] }

    /// What is critical must be told, also where something else is unknown.
    fileprivate var gravity: Int {
      switch self {
      case .ok: 0
      case .warning: 1
      case .unknown: 2
      case .critical: 3
      }
    }
  }

  let state: State
  let lines: [String]

  init(_ targets: [CheckedTarget]) {
    let state = targets.map(\.state).max { $0.gravity < $1.gravity } ?? .unknown
    let summary = targets.map(\.result.summary).joined(separator: "; ")
    let numbers = targets.flatMap { target in
      target.checks.compactMap { Self.number($0, of: target, targets.count > 1) }
    }
    let first = "BELAY \(state.word) - \(Self.text(summary))"
    self.state = state
    lines =
      [numbers.isEmpty ? first : "\(first) | \(numbers.joined(separator: " "))"]
      + targets.flatMap { target in
        (target.failure.map { ["\(target.name): \($0.message)"] + $0.causes.prefix(1) } ?? [])
          + target.checks.filter { $0.status != .ok }.map {
            "\($0.status.rawValue.uppercased()) \(target.name): \($0.name): \($0.figure), expected \($0.threshold)"
          }
      }.map(Self.text)
  }

  /// Nothing could be checked.
  init(_ error: BelayError) {
    state = .unknown
    lines = ["BELAY UNKNOWN - \(Self.text(error.message))"] + (error.hint.map { ["hint: \(Self.text($0))"] } ?? [])
  }

  /// A bar would begin the numbers.
  private static func text(_ text: String) -> String { VisibleText.line(text).replacing("|", with: "/") }

  /// `'not_null customers.mail'=3;;0`: value, and the range in which it warns nobody, or is not critical.
  private static func number(_ check: CheckResult, of target: CheckedTarget, _ namesTarget: Bool) -> String? {
    guard let number = check.number else { return nil }
    let name = namesTarget ? "\(target.name): \(check.name)" : check.name
    let label = text(name).replacing("=", with: "_").replacing("'", with: "''")
    let range =
      switch (number.least, number.most) {
      case (nil, nil): ""
      case (nil, let most?): shown(most)
      case (let least?, let most): "\(shown(least)):\(most.map(shown) ?? "")"
      }
    let limits = check.severity == .warning ? "\(range);" : ";\(range)"
    return "'\(label)'=\(shown(number.value))\(number.unit);\(limits)"
  }

  private static func shown(_ number: Double) -> String {
    number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : String(number)
  }
}

extension CheckedTarget {
  fileprivate var state: NagiosText.State {
    if let failure { return failure.kind == .cannotOpen ? .critical : .unknown }
    return switch checks.worst {
    case .ok: .ok
    case .warning: .warning
    case .failed: .critical
    case .error: .unknown
    }
  }
}

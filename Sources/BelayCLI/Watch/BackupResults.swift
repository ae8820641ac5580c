import BelayBase

/// How old the last backup and its proof are, as checks among the others.
struct BackupResults {
  let status: TargetStatus?
  let limits: TargetStatus.Limits

  static let template = "watch"

  var results: [CheckResult] {
    var results: [CheckResult] = []
    if let limit = limits.age {
      results.append(result("last backup", age: status?.age, none: "no backup", limit: limit))
      if let failure = status?.problems.first(where: { $0.hasPrefix("failed at ") }) {
        results[0].status = .failed
        results[0].figure = failure
      }
    }
    if let limit = limits.proofAge {
      let isProven = status?.proof?.level == .restore
      results.append(
        result(
          "last proof", age: isProven ? status?.proofAge : nil, none: "no backup is proven by restoring", limit: limit))
    }
    return results
  }

  private func result(_ name: String, age: Int?, none: String, limit: Int) -> CheckResult {
    var result = CheckResult(
      name: name, template: Self.template, status: age.map { $0 <= limit } ?? false ? .ok : .failed,
      figure: age.map { "\(DurationText.span($0)) old" } ?? none, threshold: "within \(DurationText.text(limit))",
      milliseconds: 0)
    result.number = age.map { CheckResult.Number(Double($0), unit: "s", most: Double(limit)) }
    return result
  }
}

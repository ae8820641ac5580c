import BelayBase

/// How old the last backup and its proof are, and what retention has left to remove, as checks among the others.
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
    if let limit = limits.removable { results.append(retention(most: limit)) }
    return results
  }

  /// A prune that fails, or that nobody runs, leaves more and more.
  private func retention(most limit: Int) -> CheckResult {
    let count = status?.removableArchives ?? 0
    let bytes = ByteCount.text(status?.removableBytes ?? 0)
    var result = CheckResult(
      name: "retention", template: Self.template, status: count <= limit ? .ok : .failed,
      figure: count == 0 ? "nothing to remove" : "\(Counted.text(count, "archive")) to remove, \(bytes)",
      threshold: "at most \(limit)", milliseconds: 0)
    result.number = CheckResult.Number(Double(count), most: Double(limit))
    if count > limit { result.hint = "run `belay prune`, and look at its exit status" }
    return result
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

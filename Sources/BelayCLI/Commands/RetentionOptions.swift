import ArgumentParser
import BelayBase

/// The rules of `belay prune`, in restic's words.
struct RetentionOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("Keep the last N archives.", valueName: "N")) var keepLast: String?
  @Option(
    name: .long,
    help: ArgumentHelp("Keep the newest archive of each of the last N hours that have one.", valueName: "N"))
  var keepHourly: String?
  @Option(name: .long, help: ArgumentHelp("The same for days.", valueName: "N")) var keepDaily: String?
  @Option(name: .long, help: ArgumentHelp("The same for weeks, which begin on Monday.", valueName: "N"))
  var keepWeekly: String?
  @Option(name: .long, help: ArgumentHelp("The same for months.", valueName: "N")) var keepMonthly: String?
  @Option(name: .long, help: ArgumentHelp("The same for years.", valueName: "N")) var keepYearly: String?
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Keep all that are not older than the newest one by more than that: 2y5m7d3h (m: months).", valueName: "span"))
  var keepWithin: String?

  private var counts: [(RetentionPolicy.Rule, String?)] {
    [
      (.last, keepLast), (.hourly, keepHourly), (.daily, keepDaily), (.weekly, keepWeekly), (.monthly, keepMonthly),
      (.yearly, keepYearly),
    ]
  }

  func validate() throws {
    do {
      _ = try policy()
    } catch {
      throw ValidationError(error.message)
    }
  }

  /// nil: no rule is given.
  func policy() throws(BelayError) -> RetentionPolicy? {
    guard keepWithin != nil || counts.contains(where: { $0.1 != nil }) else { return nil }
    var parsed: [RetentionPolicy.Rule: RetentionPolicy.Count] = [:]
    for (rule, text) in counts {
      guard let text else { continue }
      guard let count = RetentionPolicy.Count(text) else {
        throw BelayError(
          .usage, "--keep-\(rule.rawValue) is `\(text)`, which is neither a number of archives nor `unlimited`")
      }
      parsed[rule] = count
    }
    var within: CalendarSpan?
    if let keepWithin {
      guard let span = CalendarSpan(keepWithin) else {
        throw BelayError(
          .usage,
          "--keep-within is `\(keepWithin)`, which is not a span of time: write 2y5m7d3h (years, months, days, hours)"
        )
      }
      within = span
    }
    do throws(RetentionPolicy.Flaw) {
      return try RetentionPolicy(counts: parsed, within: within)
    } catch {
      throw BelayError(.usage, "the policy of the --keep options \(error.text)")
    }
  }
}

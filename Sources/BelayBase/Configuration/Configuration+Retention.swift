extension Configuration {
  /// `retention:`
  mutating func takeRetention(_ value: YAMLValue) throws(ConfigurationError) {
    let fields = try value.fields(["previous_databases", "archives", "runs", "failed_runs"])
    if let value = fields["previous_databases"] {
      let isForever = try value.text() == "forever"
      retention.previousDatabasesSeconds =
        isForever ? nil : try value.seconds(or: "`forever` keeps it until you drop it; 0 drops it immediately")
    }
    if let value = fields["archives"] {
      for (kind, policy) in try Self.policies(value) { retention.archives[kind] = policy }
    }
    if let value = fields["runs"] { retention.runs = try Self.policy(value) }
    if let value = fields["failed_runs"] {
      retention.failedRunsSeconds = try value.seconds(or: "0 lets `belay prune` remove them at once")
    }
  }

  /// By the kinds that are named. nil: everything of that kind is kept.
  static func policies(_ value: YAMLValue) throws(ConfigurationError) -> [String: RetentionPolicy?] {
    var policies: [String: RetentionPolicy?] = [:]
    for (kind, value) in try value.fields(RetentionSettings.kinds) {
      policies.updateValue(try policy(value), forKey: kind)
    }
    return policies
  }

  /// nil: everything is kept.
  private static func policy(_ value: YAMLValue) throws(ConfigurationError) -> RetentionPolicy? {
    if value.isScalar, try value.text() == "forever" { return nil }
    let rules = RetentionPolicy.Rule.allCases
    let fields = try value.fields(rules.map(\.key) + ["keep_within"])
    var counts: [RetentionPolicy.Rule: RetentionPolicy.Count] = [:]
    for rule in rules {
      guard let value = fields[rule.key] else { continue }
      let text = try value.text()
      guard let count = RetentionPolicy.Count(text) else {
        throw value.failure("`\(value.path)` is `\(text)`, which is neither a number of archives nor `unlimited`")
      }
      counts[rule] = count
    }
    var within: CalendarSpan?
    if let value = fields["keep_within"] {
      let text = try value.text()
      guard let span = CalendarSpan(text) else {
        throw value.failure(
          "`\(value.path)` is `\(text)`, which is not a span of time",
          hint: "write 2y5m7d3h: years, months, days, hours")
      }
      within = span
    }
    do throws(RetentionPolicy.Flaw) {
      return try RetentionPolicy(counts: counts, within: within)
    } catch {
      throw value.failure("`\(value.path)` \(error.text)", hint: "`forever` keeps everything")
    }
  }
}

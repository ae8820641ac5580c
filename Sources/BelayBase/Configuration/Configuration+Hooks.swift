extension Configuration {
  /// `hooks:`
  static func runHooks(
    _ value: YAMLValue, targets: [TargetDefinition]
  ) throws(ConfigurationError) -> [RunHook] {
    var hooks: [RunHook] = []
    for entry in try value.list() {
      let fields = try entry.fields(["command", "when", "on", "timeout", "on_failure", "targets"])
      guard let command = fields["command"] else { throw entry.failure("`\(entry.path)` has no `command`") }
      guard let when = fields["when"] else {
        throw entry.failure("`\(entry.path)` has no `when`", hint: "e.g. `when: after apply`")
      }
      let (side, station) = try moment(when)
      var hook = RunHook(try command.text(), side, station)
      guard hook.command.contains(where: { !$0.isWhitespace }) else {
        throw command.failure("`\(command.path)` is empty")
      }
      if let value = fields["on"] {
        hook.outcome = try value.oneOf(RunHook.Outcome.self)
        if side == .before, hook.outcome != .success {
          throw value.failure(
            "`\(value.path)` is for `after`: before \(station.rawValue) nothing has gone well or wrong")
        }
      }
      if !hook.canStop { hook.onFailure = .warn }
      if let value = fields["on_failure"] {
        hook.onFailure = try value.oneOf(RunHook.FailurePolicy.self)
        if hook.onFailure == .stop, !hook.canStop {
          throw value.failure(
            "`\(value.path)` cannot be `stop` \(hook.moment)\(hook.outcome == .success ? "" : " on \(hook.outcome.rawValue)")",
            hint: "a failure, a rollback and the end of a run are not stopped by a hook: use `warn`")
        }
      }
      if let value = fields["timeout"] {
        hook.timeoutSeconds = try value.seconds(or: "without it, a hook has 5m")
        if hook.timeoutSeconds == 0 { throw value.failure("`\(value.path)` leaves it no time") }
      }
      if let value = fields["targets"] { hook.targets = try names(value, among: targets.map(\.name)) }
      hooks.append(hook)
    }
    return hooks
  }

  private static func moment(
    _ value: YAMLValue
  ) throws(ConfigurationError) -> (RunHook.Side, RunHook.Station) {
    let words = try value.text().split(separator: " ")
    guard words.count == 2, let side = RunHook.Side(rawValue: String(words[0])),
      let station = RunHook.Station(rawValue: String(words[1]))
    else {
      throw value.failure(
        "`\(value.path)` is `\(try value.text())`",
        hint: "write before or after, and one of: "
          + RunHook.Station.allCases.map(\.rawValue).joined(separator: ", "))
    }
    return (side, station)
  }
}

extension Configuration {
  /// `watch:`
  mutating func takeWatch(_ value: YAMLValue) throws(ConfigurationError) {
    let fields = try value.fields(["every", "max_age", "max_proof_age", "max_removable", "prometheus", "on_change"])
    if let value = fields["every"] {
      let text = try value.text()
      guard let milliseconds = DurationText.milliseconds(text), milliseconds > 0 else {
        throw value.failure(
          "`\(value.path)` is `\(text)`, which is not a time between rounds", hint: "write 30s, 5m or 1h, at most 1d")
      }
      watch.everyMilliseconds = milliseconds
    }
    if let value = fields["max_age"] { watch.mostAgeSeconds = try value.seconds(or: "omit it to allow any age") }
    if let value = fields["max_proof_age"] {
      watch.mostProofAgeSeconds = try value.seconds(or: "omit it to allow any age")
    }
    if let value = fields["max_removable"] { watch.mostRemovable = try value.count() }
    if let value = fields["prometheus"] { watch.prometheus = absolute(try value.text()) }
    if let value = fields["on_change"] {
      for entry in try value.list() { watch.onChange.append(try Self.hook(entry)) }
    }
  }

  private static func hook(_ entry: YAMLValue) throws(ConfigurationError) -> ChangeHook {
    let fields = try entry.fields(["command", "webhook", "secret", "timeout", "retries"])
    var hook: ChangeHook
    switch (fields["command"], fields["webhook"]) {
    case (let command?, nil):
      hook = ChangeHook(.command(try command.text()))
      for key in ["secret", "retries"] where fields[key] != nil {
        throw (fields[key] ?? entry).failure("`\(entry.path).\(key)` is for a `webhook`")
      }
    case (nil, let webhook?):
      let url = try webhook.text()
      guard url.hasPrefix("http://") || url.hasPrefix("https://") || url.hasPrefix("${") else {
        throw webhook.failure("`\(webhook.path)` must begin with https:// or http://")
      }
      hook = ChangeHook(
        .webhook(url: url, secret: try fields["secret"].map { (value) throws(ConfigurationError) in try value.text() }))
    default: throw entry.failure("`\(entry.path)` must have `command` or `webhook`, one of them")
    }
    hook.line = entry.line
    if let value = fields["timeout"] {
      hook.timeoutSeconds = try value.seconds(or: "write at least 1s")
      if hook.timeoutSeconds == 0 { throw value.failure("`\(value.path)` leaves it no time") }
    }
    if let value = fields["retries"] {
      hook.retries = try value.count()
      if hook.retries > 10 { throw value.failure("`\(value.path)` is \(hook.retries), but 10 is the most") }
    }
    return hook
  }
}

/// `watch:` in belay.yaml.
package struct WatchSettings: Sendable, Equatable {
  /// From the beginning of one round to that of the next.
  package var everyMilliseconds = 300_000
  /// How old the last backup may be; nil: as old as it likes.
  package var mostAgeSeconds: Int?
  /// How old its last proof by restoring may be.
  package var mostProofAgeSeconds: Int?
  /// How many archives may lie there that no rule keeps; nil: as many as there are.
  package var mostRemovable: Int?
  /// Absolute: the text file for Prometheus; nil: none is written.
  package var prometheus: String?
  package var onChange: [ChangeHook] = []

  package init() {}
}

/// Whom `belay watch` notifies when a check has changed.
package struct ChangeHook: Sendable, Equatable {
  package enum Action: Sendable, Equatable {
    /// Of the shell.
    case command(String)
    /// A URL, and the secret that signs what is sent; nil: it is not signed. `${NAME}` stands for a variable in both.
    case webhook(url: String, secret: String?)
  }

  package var action: Action
  /// For one attempt.
  package var timeoutSeconds = 30
  /// Attempts after one that failed, of a webhook.
  package var retries = 3
  /// In belay.yaml.
  package var line: Int?

  package init(_ action: Action) { self.action = action }
}

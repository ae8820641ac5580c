/// A named statement about a database that must hold. From belay.yaml.
package struct CheckDefinition: Codable, Sendable, Equatable, TargetSpecific {
  /// In which part of a migration it counts. `belay check` and `belay watch` run all of them.
  package enum When: String, Codable, Sendable, CaseIterable { case before, after, both, never }
  /// How grave it is where it does not hold.
  package enum Severity: String, Codable, Sendable, CaseIterable { case error, warning }

  package var name: String
  package var rule: CheckRule
  package var when: When
  package var severity: Severity = .error
  /// How long it may take; nil: as long as whoever runs it allows.
  package var timeoutSeconds: Int?
  /// Names in belay.yaml of the targets that it is about; nil: all.
  package var targets: [String]?

  package init(name: String, rule: CheckRule, when: When = .both) {
    self.name = name
    self.rule = rule
    self.when = when
  }

  /// A query that must return nothing, or a stated value.
  package init(name: String, sql: String, expect: String? = nil, when: When = .both) {
    self.init(name: name, rule: .query(sql: sql, expect: expect), when: when)
  }
}

/// What belay.yaml may limit to some of its targets.
package protocol TargetSpecific {
  /// Names in belay.yaml of the targets that it is about; nil: all.
  var targets: [String]? { get }
}

extension TargetSpecific {
  /// - Parameter target: its name in belay.yaml; nil: it has none.
  package func isAbout(_ target: String?) -> Bool { targets.map { $0.contains(target ?? "") } ?? true }
}

extension Settings {
  /// Without what is about other targets.
  package func about(_ target: Target?) -> Settings {
    var settings = self
    settings.checks = checks.filter { $0.isAbout(target?.name) }
    settings.audit = audit.filter { $0.isAbout(target?.name) }
    settings.spotChecks = spotChecks.filter { $0.isAbout(target?.name) }
    settings.hooks = hooks.filter { $0.isAbout(target?.name) }
    return settings
  }
}

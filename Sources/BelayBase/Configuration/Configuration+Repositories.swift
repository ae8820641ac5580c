extension Configuration {
  /// `repositories:`
  func repositories(_ value: YAMLValue) throws(ConfigurationError) -> [RepositoryDefinition] {
    var found: [RepositoryDefinition] = []
    for (key, value) in try value.mapping() {
      let name = try key.text()
      guard Self.isName(name) else {
        throw key.failure("`\(name)` is not a valid name for a repository", hint: "use letters, digits, and . _ -")
      }
      guard !value.isScalar else {
        found.append(RepositoryDefinition(name: name, place: try place(value)))
        continue
      }
      found.append(try repository(name, value))
    }
    return found
  }

  private func repository(_ name: String, _ value: YAMLValue) throws(ConfigurationError) -> RepositoryDefinition {
    let fields = try value.fields(["url", "required", "if_none_match", "targets", "kinds", "retention"])
    guard let url = fields["url"] else { throw value.failure("`\(value.path)` has no `url`") }
    var repository = RepositoryDefinition(name: name, place: try place(url))
    if let value = fields["required"] { repository.isRequired = try value.flag() }
    if let value = fields["if_none_match"] {
      repository.ifNoneMatch = try value.flag()
      if repository.ifNoneMatch, case .folder = repository.place {
        throw value.failure("`\(value.path)` is for object stores", hint: "a folder never replaces a file anyway")
      }
    }
    if let value = fields["targets"] { repository.targets = try Self.names(value, among: targets.map(\.name)) }
    if let value = fields["kinds"] {
      repository.kinds = try Self.names(value, among: RetentionSettings.kinds, called: "the kinds of archives")
    }
    if let value = fields["retention"] { repository.retention = try Self.policies(value).compactMapValues(\.self) }
    return repository
  }

  private func place(_ value: YAMLValue) throws(ConfigurationError) -> RepositoryDefinition.Place {
    let text = try value.text()
    do throws(RepositoryDefinition.Flaw) {
      return try RepositoryDefinition.place(text, absolute: absolute)
    } catch {
      throw value.failure("`\(value.path)` \(error.text)", hint: error.hint)
    }
  }
}

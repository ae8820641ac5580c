extension Configuration {
  /// What belay.yaml says of a command that runs under guard.
  package struct GuardDefinition: Sendable, Equatable {
    /// The words that the command begins with: "npx prisma".
    package var words: [String]
    package var urlVariables: [String] = []
    package var urlFile: String?
    package var rehearse = true
    package var allowLoss: [String] = []
    package var allowChange: [String] = []
    package var expectations: [String] = []

    package func apply(to request: inout GuardRequest) {
      request.urlVariables = urlVariables
      request.urlFile = urlFile
      request.rehearse = rehearse
      request.allowLoss = allowLoss
      request.allowChange = allowChange
      request.expectations = expectations
    }
  }

  /// The one with the most words that a command begins with. A program counts by its name, wherever it lies.
  package func guardDefinition(of command: [String]) -> GuardDefinition? {
    guard let program = command.first else { return nil }
    let name = program.split(separator: "/").last.map(String.init) ?? program
    let forms = [[name] + command.dropFirst(), command]
    return guards.filter { definition in forms.contains { $0.starts(with: definition.words) } }
      .max { $0.words.count < $1.words.count }
  }

  /// `guard:`
  mutating func takeGuards(_ value: YAMLValue) throws(ConfigurationError) {
    for (key, value) in try value.mapping() {
      let words = try key.text().split(whereSeparator: \.isWhitespace).map(String.init)
      guard !words.isEmpty else { throw key.failure("`guard` has a command without a name") }
      let fields = try value.fields(["url_env", "url_file", "rehearse", "allow_loss", "allow_change", "expect"])
      var definition = GuardDefinition(words: words)
      if let value = fields["url_env"] { definition.urlVariables = try Self.texts(value) }
      if let value = fields["url_file"] { definition.urlFile = absolute(try value.text()) }
      if let value = fields["rehearse"] { definition.rehearse = try value.flag() }
      if let value = fields["allow_loss"] { definition.allowLoss = try Self.texts(value) }
      if let value = fields["allow_change"] { definition.allowChange = try Self.texts(value) }
      if let value = fields["expect"] { definition.expectations = try Self.texts(value) }
      guards.append(definition)
    }
  }
}

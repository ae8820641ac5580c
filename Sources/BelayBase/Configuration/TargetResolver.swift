import BelayText

/// Says which database is meant: the one answer for every command. Runs where the environment and belay.yaml are at hand; what
/// it gives holds the secrets and the driver's options, and goes to the worker as it is.
package struct TargetResolver: Sendable {
  private let configuration: Configuration
  private let currentFolder: String
  private let environment: [String: String]

  /// - Parameters:
  ///   - currentFolder: Where a relative path in a typed URL starts.
  ///   - environment: For `${NAME}` in belay.yaml.
  package init(_ configuration: Configuration, currentFolder: String, environment: [String: String]) {
    self.configuration = configuration
    self.currentFolder = currentFolder
    self.environment = environment
  }

  /// The target that a person means.
  /// - Parameter typed: A URL, or a name in belay.yaml; nil: the only one there.
  /// - Throws: `.usage` where none or several could be meant, `.notFound` for an unknown name; both name those there
  ///   are.
  package func target(_ typed: String?) throws(BelayError) -> Target {
    if let typed {
      if let definition = definition(typed) { return try resolved(definition) }
      if Configuration.isURL(typed) { return Target(url: typed, folder: currentFolder) }
      throw BelayError(
        .notFound, "no target is named `\(redact(url: typed))`",
        hint: unknownTargetHint(typed), state: "nothing was done")
    }
    switch configuration.targets.count {
    case 1: return try resolved(configuration.targets[0])
    case 0:
      throw BelayError(
        .usage,
        "no target was given, and "
          + (configuration.file.map { "\($0) defines none" } ?? "there is no \(Configuration.fileName)"),
        hint: "give a URL, such as sqlite:shop.db, or start a \(Configuration.fileName) with `belay init`",
        state: "nothing was done")
    default:
      throw BelayError(
        .usage, "no target was given, and \(file) defines \(configuration.targets.count)",
        hint: "choose one of: \(names)", state: "nothing was done")
    }
  }

  /// The target of an archive or of a run: the one that a person types, else the one of the recorded name in belay.yaml now,
  /// else the recorded URL.
  /// - Throws: `.usage` where that URL needs a secret: it must be typed then.
  package func target(_ typed: String?, recorded: RecordedTarget) throws(BelayError) -> Target {
    if let typed { return try target(typed) }
    if let name = recorded.name, let definition = definition(name) { return try resolved(definition) }
    guard !recorded.url.contains(RecordedTarget.hidden) else {
      throw BelayError(
        .usage, "\(recorded.owner) belongs to \(recorded.url), and belay records no secrets",
        hint: "give the database with --target", state: "nothing was done")
    }
    return Target(name: recorded.name, url: recorded.url, folder: recorded.folder)
  }

  // MARK: In belay.yaml

  private func definition(_ name: String) -> Configuration.TargetDefinition? {
    configuration.targets.first { $0.name == name }
  }

  private var file: String { configuration.file ?? Configuration.fileName }

  private var names: String { configuration.targets.map(\.name).joined(separator: ", ") }

  private func unknownTargetHint(_ typed: String) -> String {
    if let nearest = NearestName.to(typed, among: configuration.targets.map(\.name)) {
      return "did you mean `\(nearest)`?"
    }
    let url = "if it is a SQLite file, write sqlite:\(redact(url: typed))"
    return configuration.targets.isEmpty ? url : "\(file) defines: \(names); \(url)"
  }

  private func resolved(_ definition: Configuration.TargetDefinition) throws(BelayError) -> Target {
    func failure(_ message: String, _ hint: String) -> BelayError {
      ConfigurationError(file: file, line: definition.line, message: message, hint: hint).asBelayError
    }
    let url: String
    do {
      url = try EnvironmentVariables.resolve(definition.url, in: environment)
    } catch {
      switch error {
      case .unset(let name):
        throw failure(
          "target `\(definition.name)` needs the environment variable \(name), which is not set", "export \(name)=…")
      case .malformed(let text):
        throw failure("target `\(definition.name)` contains `\(text)`, which is not a variable", "write ${NAME}")
      }
    }
    guard Configuration.isURL(url) else {
      // Not shown: a variable may have put a secret into it.
      throw failure(
        "the URL of target `\(definition.name)` has no scheme",
        "a URL begins with the scheme of its driver, such as sqlite:shop.db or postgres://…")
    }
    return Target(name: definition.name, url: url, folder: configuration.folder, options: definition.options)
  }
}

/// A target as an archive's manifest or a run's journal records it.
package struct RecordedTarget: Sendable, Equatable {
  /// What stands for a secret in a recorded URL.
  static let hidden = "***"

  /// What records it, for messages: "archive ID", "run ID".
  package var owner: String
  /// The name in belay.yaml that it had, if any.
  package var name: String?
  /// Without secrets.
  package var url: String
  /// What a relative path in the URL started from.
  package var folder: String?

  package init(owner: String, name: String?, url: String, folder: String?) {
    self.owner = owner
    self.name = name
    self.url = url
    self.folder = folder
  }
}

extension Configuration {
  /// A scheme as RFC 3986 has it, and something after it.
  package static func isURL(_ text: String) -> Bool {
    guard let colon = text.firstIndex(of: ":"), colon != text.startIndex, text.index(after: colon) != text.endIndex
    else { return false }
    return text[..<colon].utf8.enumerated().allSatisfy { index, byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "."), UInt8(ascii: "-"): index > 0
      default: false
      }
    }
  }
}

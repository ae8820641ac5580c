extension Configuration {
  /// A target with the options that its driver gets.
  package struct ChosenTarget: Sendable, Equatable {
    package var target: Target
    package var options: [String: String]

    package init(target: Target, options: [String: String]) {
      self.target = target
      self.options = options
    }
  }

  /// The target that a person means.
  /// - Parameters:
  ///   - typed: A URL, or a name in belay.yaml; nil: the only one there.
  ///   - currentFolder: Where a relative path in a typed URL starts.
  ///   - environment: For `${NAME}`.
  /// - Returns: The target, its URL resolved.
  /// - Throws: `.usage` where none or several could be meant, `.notFound` for an unknown name; both name those there
  ///   are.
  package func target(
    _ typed: String?, currentFolder: String, environment: [String: String]
  ) throws(BelayError) -> ChosenTarget {
    if let typed {
      if let definition = targets.first(where: { $0.name == typed }) {
        return try resolved(definition, environment)
      }
      if Self.isURL(typed) {
        return ChosenTarget(target: Target(url: typed, folder: currentFolder), options: [:])
      }
      throw BelayError(
        .notFound, "no target is named `\(typed)`",
        hint: unknownTargetHint(typed), state: "nothing was done")
    }
    switch targets.count {
    case 1: return try resolved(targets[0], environment)
    case 0:
      throw BelayError(
        .usage, "no target is given, and \(file.map { "\($0) names none" } ?? "there is no \(Self.fileName)")",
        hint: "give a URL, such as SCHEME:PATH, or start a \(Self.fileName) with `belay init`",
        state: "nothing was done")
    default:
      throw BelayError(
        .usage, "no target is given, and \(file ?? Self.fileName) names \(targets.count)",
        hint: "one of: \(names)", state: "nothing was done")
    }
  }

  private var names: String { targets.map(\.name).joined(separator: ", ") }

  private func unknownTargetHint(_ typed: String) -> String {
    if let nearest = NearestName.to(typed, among: targets.map(\.name)) { return "did you mean `\(nearest)`?" }
    let url = "if it is a file, put its driver's scheme before it: SCHEME:\(typed)"
    return targets.isEmpty ? url : "\(file ?? Self.fileName) names: \(names); \(url)"
  }

  private func resolved(
    _ definition: TargetDefinition, _ environment: [String: String]
  ) throws(BelayError) -> ChosenTarget {
    func failure(_ message: String, _ hint: String) -> BelayError {
      ConfigurationError(file: file ?? Self.fileName, line: definition.line, message: message, hint: hint).asBelayError
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
        throw failure("target `\(definition.name)` has `\(text)`, which names no variable", "write ${NAME}")
      }
    }
    guard Self.isURL(url) else {
      // Not shown: a variable may have put a secret into it.
      throw failure(
        "the URL of target `\(definition.name)` has no scheme", "it begins with its driver's scheme: SCHEME:…")
    }
    return ChosenTarget(
      target: Target(name: definition.name, url: url, folder: folder), options: definition.options)
  }

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

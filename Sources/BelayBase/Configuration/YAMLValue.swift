import Yams

/// A value of belay.yaml with its place, read strictly: what is not of the asked type is an error that names the line.
package struct YAMLValue {
  package let file: String
  /// Dotted keys from the top, e.g. `targets.shop.url`. Empty at the top.
  package let path: String
  let node: Node

  package var line: Int? { node.mark?.line }

  /// A key without a value, or `null`.
  var isNull: Bool {
    guard case .scalar(let scalar) = node, scalar.style == .plain || scalar.style == .any else { return false }
    return ["", "~", "null", "Null", "NULL"].contains(scalar.string)
  }

  /// Neither a list nor a mapping.
  var isScalar: Bool { if case .scalar = node { true } else { false } }

  package func failure(_ message: String, hint: String? = nil) -> ConfigurationError {
    ConfigurationError(file: file, line: line, message: message, hint: hint)
  }

  /// A text. Numbers and booleans are taken as they stand.
  package func text() throws(ConfigurationError) -> String {
    guard case .scalar(let scalar) = node, !isNull else { throw wrongType("text") }
    return scalar.string
  }

  /// A text that is one of a few.
  func oneOf<Choice: RawRepresentable<String> & CaseIterable>(
    _ type: Choice.Type
  ) throws(ConfigurationError) -> Choice {
    let text = try text()
    if let choice = Choice(rawValue: text) { return choice }
    let names = Choice.allCases.map(\.rawValue)
    throw failure(
      "`\(path)` is `\(text)`, which is not one of \(names.joined(separator: ", "))",
      hint: NearestName.to(text, among: names).map { "did you mean `\($0)`?" })
  }

  /// A duration in whole seconds: `5s`, `2m`, `1h`, `7d`, or `0`.
  /// - Parameter others: what else this key takes, for the message: "0 means no limit".
  package func seconds(or others: String) throws(ConfigurationError) -> Int {
    let text = try text()
    guard let seconds = DurationText.seconds(text) else {
      throw failure(
        "`\(path)` is `\(text)`, which is not a duration",
        hint: "write 5s, 2m, 1h or 7d, at most \(DurationText.longestDays)d; \(others)")
    }
    return seconds
  }

  /// A whole number, from 0.
  package func count() throws(ConfigurationError) -> Int {
    let text = try text()
    guard let count = Int(text), count >= 0 else { throw failure("`\(path)` is `\(text)`, which is not a number") }
    return count
  }

  /// `true` or `false`.
  package func flag() throws(ConfigurationError) -> Bool {
    let text = try text()
    guard let flag = ["true": true, "yes": true, "false": false, "no": false][text] else {
      throw failure("`\(path)` is `\(text)`, which is neither true nor false")
    }
    return flag
  }

  /// A list.
  package func list() throws(ConfigurationError) -> [YAMLValue] {
    guard case .sequence(let sequence) = node else { throw wrongType("a list") }
    return sequence.enumerated().map { YAMLValue(file: file, path: "\(path)[\($0.offset + 1)]", node: $0.element) }
  }

  /// A mapping, in the file's order.
  func mapping() throws(ConfigurationError) -> [(key: YAMLValue, value: YAMLValue)] {
    guard case .mapping(let mapping) = node else { throw wrongType("a mapping (key: value)") }
    var entries: [(key: YAMLValue, value: YAMLValue)] = []
    for (key, value) in mapping {
      let key = YAMLValue(file: file, path: path.isEmpty ? "a key" : "a key of \(path)", node: key)
      let name = try key.text()
      entries.append((key, YAMLValue(file: file, path: path.isEmpty ? name : "\(path).\(name)", node: value)))
    }
    return entries
  }

  /// A mapping whose keys are known. Others are refused; keys without a value count as absent.
  func fields(_ known: [String]) throws(ConfigurationError) -> [String: YAMLValue] {
    var fields: [String: YAMLValue] = [:]
    for (key, value) in try mapping() {
      let name = try key.text()
      guard known.contains(name) else {
        let nearest = NearestName.to(name, among: known).map { "did you mean `\($0)`?" }
        throw key.failure(
          path.isEmpty ? "unknown key `\(name)`" : "unknown key `\(name)` in `\(path)`",
          hint: nearest ?? "known keys: \(known.joined(separator: ", "))")
      }
      if !value.isNull { fields[name] = value }
    }
    return fields
  }

  private func wrongType(_ wanted: String) -> ConfigurationError {
    let found =
      switch node {
      case .scalar(let scalar): isNull ? "empty" : "`\(scalar.string.prefix(40))`"
      case .mapping: "a mapping"
      case .sequence: "a list"
      case .alias: "an alias"
      }
    return failure("`\(path)` must be \(wanted), but is \(found)")
  }
}

import Foundation

/// The keys below a template of `checks:`, each read as what it must be.
struct CheckFields {
  private let owner: YAMLValue
  private let fields: [String: YAMLValue]

  init(_ owner: YAMLValue, _ fields: [String: YAMLValue]) {
    self.owner = owner
    self.fields = fields
  }

  /// nil: it is not there.
  subscript(key: String) -> YAMLValue? { fields[key] }

  func required(_ key: String) throws(ConfigurationError) -> YAMLValue {
    guard let value = fields[key] else { throw owner.failure("`\(owner.path)` has no `\(key)`") }
    return value
  }

  func text(_ key: String) throws(ConfigurationError) -> String {
    let value = try required(key)
    let text = try value.text()
    if text.isEmpty { throw value.failure("`\(value.path)` is empty") }
    return text
  }

  /// One name under `column`, or several under `columns`.
  func columns(_ one: String = "column") throws(ConfigurationError) -> [String] {
    let several = one + "s"
    guard let value = fields[one] ?? fields[several] else {
      throw owner.failure("`\(owner.path)` has neither `\(one)` nor `\(several)`")
    }
    if fields[one] != nil, fields[several] != nil {
      throw owner.failure("`\(owner.path)` has `\(one)` and `\(several)`: write one of them")
    }
    let names = try Configuration.texts(value)
    guard !names.isEmpty, !names.contains("") else { throw value.failure("`\(value.path)` must name a column") }
    guard Set(names).count == names.count else { throw value.failure("`\(value.path)` names a column twice") }
    return names
  }

  func count(_ key: String) throws(ConfigurationError) -> Int? {
    guard let value = fields[key] else { return nil }
    return try value.count()
  }

  /// `10` or `10%`
  func percent(_ key: String) throws(ConfigurationError) -> Double {
    let value = try required(key)
    let text = try value.text()
    let digits = text.hasSuffix("%") ? String(text.dropLast()).trimmingCharacters(in: .whitespaces) : text
    guard let percent = Double(digits), (0...100).contains(percent) else {
      throw value.failure("`\(value.path)` is `\(text)`, which is not a number from 0 to 100")
    }
    return percent
  }

  /// `200ms`, or a duration as elsewhere.
  func milliseconds(_ key: String) throws(ConfigurationError) -> Int {
    let value = try required(key)
    let text = try value.text()
    guard let milliseconds = DurationText.milliseconds(text), milliseconds > 0 else {
      throw value.failure(
        "`\(value.path)` is `\(text)`, which is not a duration", hint: "write 200ms, 5s or 2m, at most 1d")
    }
    return milliseconds
  }

  /// A regular expression that can be read.
  func pattern() throws(ConfigurationError) -> String {
    let value = try required("pattern")
    let text = try text("pattern")
    do { _ = try NSRegularExpression(pattern: text) } catch {
      throw value.failure(
        "`\(value.path)` is `\(text)`, which is not a regular expression",
        hint: "in YAML, put it between single quotes; a backslash stays as it is there")
    }
    return text
  }
}

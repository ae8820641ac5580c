/// Where a suite makes its databases: a URL with `{}` where a name goes.
package struct URLTemplate: Sendable, Codable {
  private let text: String

  /// nil where there is no place for a name.
  package init?(_ text: String) {
    guard text.firstRange(of: "{}") != nil else { return nil }
    self.text = text
  }

  func url(_ name: String) -> String { Self.filled(text, name) }

  /// The text with the name in every place for it.
  static func filled(_ text: String, _ name: String) -> String { text.replacing("{}", with: name) }
}

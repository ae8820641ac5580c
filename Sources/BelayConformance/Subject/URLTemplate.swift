/// Where a suite creates its databases: a URL with `{}` as the placeholder of a name.
package struct URLTemplate: Sendable, Codable {
  private let text: String

  /// nil if there is no placeholder.
  package init?(_ text: String) {
    guard text.firstRange(of: "{}") != nil else { return nil }
    self.text = text
  }

  func url(_ name: String) -> String { Self.filled(text, name) }

  /// The text with the name instead of every placeholder.
  static func filled(_ text: String, _ name: String) -> String { text.replacing("{}", with: name) }
}

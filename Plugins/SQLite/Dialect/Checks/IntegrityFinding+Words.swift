import BelayDriverKit

extension IntegrityFinding {
  /// What SQLite's check says: "row 3 missing from index users_email", "NULL value in users.name" …
  /// - Parameter check: the check's own name, for what is damage.
  package init(check: String, words message: String) {
    let words = message.split(separator: " ").map(String.init)
    var object = ""
    if let index = words.firstIndex(of: "index"), index + 1 < words.count {
      object = words[(index + 1)...].joined(separator: " ")
    } else if let index = words.lastIndex(of: "in"), index + 1 < words.count {
      object = words[index + 1].split(separator: ".").first.map(String.init) ?? ""
    }
    let identity = words.count > 1 && words[0] == "row" ? "rowid \(words[1])" : nil
    self.init(check: Self.kind(message) ?? check, object: object, identity: identity, message: message)
  }

  /// What rows and indexes hold, and pages that nothing uses, are no damage: the rows can be read, and REINDEX, an UPDATE or
  /// VACUUM puts it right. nil: it is damage.
  private static func kind(_ message: String) -> String? {
    if message.hasPrefix("non-unique entry in index ") || message.hasPrefix("CHECK constraint failed in ") {
      return "constraint"
    }
    let words = message.split(separator: " ").map(String.init)
    // "NULL value in", "TEXT value in", "non-INT value in"
    if words.dropFirst().starts(with: ["value", "in"]) { return "constraint" }
    let isOfRow = words.first == "row" || words.first == "rowid"
    if (isOfRow && words.contains("index")) || message.hasPrefix("wrong # of entries in index ") { return "index" }
    if words.first == "Page", message.hasSuffix(" never used") { return "space" }
    return nil
  }
}

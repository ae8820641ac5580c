import BelayDriverKit

extension IntegrityFinding {
  /// "row 3 missing from index users_email", "non-unique entry in index …", "NULL value in users.name" …
  package init(check: String, words message: String) {
    let words = message.split(separator: " ").map(String.init)
    var object = ""
    if let index = words.firstIndex(of: "index"), index + 1 < words.count {
      object = words[index + 1]
    } else if let index = words.lastIndex(of: "in"), index + 1 < words.count {
      object = words[index + 1].split(separator: ".").first.map(String.init) ?? ""
    }
    let identity = words.count > 1 && words[0] == "row" ? "rowid \(words[1])" : nil
    self.init(check: check, object: object, identity: identity, message: message)
  }
}

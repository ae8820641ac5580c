import BelayBase

/// What a person calls a migration, as a part of its file's name: `add_posts`.
package struct MigrationTitle: Sendable {
  let text: String

  /// - Throws: where it could not stand in a file's name, or the file would be taken for another thing than a migration.
  init(_ typed: String) throws(BelayError) {
    let words = typed.split(separator: " ")
    let text = words.joined(separator: "_")
    if text.isEmpty { throw Self.refusal(typed, "is empty", hint: "say in a few words what it does, e.g. add_posts") }
    let bad = text.unicodeScalars.first { scalar in
      !(scalar.properties.isAlphabetic || scalar.properties.numericType != nil || scalar == "_" || scalar == "-")
        || (scalar.properties.generalCategory == .format)
    }
    if let bad {
      let shown = bad.properties.isWhitespace || bad.value < 0x20 ? "such a character" : "`\(bad)`"
      throw Self.refusal(typed, "has \(shown) in it", hint: "use letters, digits, spaces, `_` and `-`")
    }
    if text.utf8.count > 150 {
      throw Self.refusal(typed, "is too long for a file's name", hint: "use at most 150 bytes")
    }
    if text.hasPrefix("-") || text.hasPrefix("_") {
      throw Self.refusal(typed, "begins with `\(text.prefix(1))`", hint: "begin it with a letter")
    }
    if text.firstMatch(of: /^[Vv]?[0-9]+(?:_|-|$)/) != nil {
      throw Self.refusal(typed, "begins with a number", hint: "leave the number out: belay puts the next one there")
    }
    if let down = DownName("1_\(text).sql"), !down.isWeak {
      throw Self.refusal(
        typed, "reads as that of a file that undoes a migration",
        hint: "let `down` be neither its first nor its last word")
    }
    self.text = text
  }

  private static func refusal(_ typed: String, _ what: String, hint: String) -> BelayError {
    BelayError(.usage, "the name `\(typed)` \(what)", hint: hint, state: "nothing was written")
  }
}

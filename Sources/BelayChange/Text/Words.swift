/// The words of a directive: names (bare, or in double quotes doubled inside), numbers, and signs.
package struct Words {
  private var rest: Substring

  init(_ text: String) { rest = text[...].drop(while: \.isWhitespace) }

  var isAtEnd: Bool { rest.isEmpty }

  package mutating func next() -> String? {
    guard let first = rest.first else { return nil }
    var word = ""
    if first == "\"" {
      rest.removeFirst()
      while let character = rest.popFirst() {
        if character == "\"" {
          guard rest.first == "\"" else { break }
          rest.removeFirst()
        }
        word.append(character)
      }
    } else if "()+".contains(first) {
      word.append(rest.removeFirst())
    } else if "=<>!".contains(first) {
      while let sign = rest.first, "=<>!".contains(sign) { word.append(rest.removeFirst()) }
    } else {
      while let character = rest.first, !character.isWhitespace, !"()+=<>!".contains(character) {
        word.append(rest.removeFirst())
      }
    }
    rest = rest.drop(while: \.isWhitespace)
    return word
  }
}

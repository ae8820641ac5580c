import BelayABI
import BelayDrivers

/// Finds which of some objects the SQL of another one names.
///
/// Where the engine has schemas, its catalog writes every name of a relation with its schema, and only that is looked for: a
/// column may be called like a table. Where it has none, every word that is the name counts, in small or large letters.
package struct ObjectMentions {
  /// By the first word of the name, in small letters.
  private var byWord: [String: [Spelled]] = [:]

  private struct Spelled {
    let identity: ObjectIdentity
    let spellings: [String]
    let hasSchema: Bool
  }

  package init(of objects: [SchemaObject]) {
    for object in objects {
      guard let word = Self.words(of: object.name).first else { continue }
      byWord[word, default: []].append(
        Spelled(
          identity: object.identity, spellings: Self.spellings(of: object), hasSchema: !object.schema.isEmpty))
    }
  }

  /// The engine has schemas, and so a name with its schema is a name.
  var hasSchemas: Bool { byWord.values.contains { $0.contains(where: \.hasSchema) } }

  /// The objects that SQL names.
  /// - Parameter owner: whose SQL it is, and does not count.
  package func named(in text: String, of owner: SchemaObject) -> Set<ObjectIdentity> {
    let small = text.lowercased()
    var named: Set<ObjectIdentity> = []
    for word in Set(Self.words(of: text)) {
      for other in byWord[word] ?? [] where other.identity != owner.identity {
        if other.spellings.contains(where: { Self.holds(other.hasSchema ? text : small, $0) }) {
          named.insert(other.identity)
        }
      }
    }
    return named
  }

  private static func spellings(of object: SchemaObject) -> [String] {
    func quoted(_ name: String) -> String { "\"" + name.replacing("\"", with: "\"\"") + "\"" }
    guard !object.schema.isEmpty else {
      // Quotes of any kind end a word as spaces do; one within the name is doubled.
      let name = object.name.lowercased()
      return Array(Set([name, name.replacing("\"", with: "\"\"")]))
    }
    return [object.schema, quoted(object.schema)].flatMap { schema in
      [object.name, quoted(object.name)].map { "\(schema).\($0)" }
    }
  }

  private static func words(of text: String) -> [String] {
    text.lowercased().split { !isOfName($0) }.map(String.init)
  }

  /// As a whole word.
  private static func holds(_ text: String, _ spelling: String) -> Bool {
    var rest = text[...]
    while let found = rest.firstRange(of: spelling) {
      let isBegun = found.lowerBound > text.startIndex && isOfName(text[text.index(before: found.lowerBound)])
      let goesOn = found.upperBound < text.endIndex && isOfName(text[found.upperBound])
      if !isBegun && !goesOn { return true }
      rest = rest[text.index(after: found.lowerBound)...]
    }
    return false
  }

  private static func isOfName(_ character: Character) -> Bool {
    character.isLetter || character.isNumber || character == "_" || character == "$"
  }
}

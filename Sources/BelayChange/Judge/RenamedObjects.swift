import BelayArchive
import BelayDrivers

/// Objects that the engine has under another name than before, by its own mark of each. What a statement has renamed that
/// nobody could read is found so.
struct RenamedObjects {
  private var names: [String: TableName] = [:]

  init(before: Catalog, after: Catalog) {
    let was = Dictionary(
      before.objects.filter { !$0.id.isEmpty }.map { ($0.id, $0) }, uniquingKeysWith: { first, _ in first })
    for object in after.objects where !object.id.isEmpty {
      guard let old = was[object.id], old.kind == object.kind, old.identity != object.identity else { continue }
      names[object.id] = TableName(schema: object.schema, name: object.name)
    }
  }

  /// What it is called now; nil: as before, or it is gone.
  func name(of object: SchemaObject) -> TableName? { object.id.isEmpty ? nil : names[object.id] }
}

/// Objects of the schema after a change that were not there before, each the like of one that is gone: all is equal but the
/// name, which the engine has chosen in a rebuild.
struct Twins {
  private var added: [SchemaObject]

  init(before: Catalog, after: Catalog) {
    let known = Set(before.objects.map(\.identity))
    added = after.objects.filter { !$0.parent.isEmpty && !known.contains($0.identity) }
  }

  /// Whether one was made in the place of this object; none stands for two.
  mutating func take(_ object: SchemaObject) -> Bool {
    guard !object.parent.isEmpty, let index = added.firstIndex(where: { $0.isLike(object) }) else { return false }
    added.remove(at: index)
    return true
  }
}

extension SchemaObject {
  fileprivate func isLike(_ other: SchemaObject) -> Bool {
    guard kind == other.kind, schema == other.schema, parent == other.parent else { return false }
    // A name may stand for something else in the text too, such as an index that has the name of its column.
    return [1, Int.max].contains { count in
      definition.withoutName(name, first: count) == other.definition.withoutName(other.name, first: count)
    }
  }
}

extension String {
  /// The text with a mark in the place of the first so many words that are this name, bare or in double quotes.
  fileprivate func withoutName(_ name: String, first count: Int) -> String {
    var result = ""
    var rest = self[...]
    var replaced = 0
    let quoted = "\"" + name.replacing("\"", with: "\"\"") + "\""
    while let character = rest.first {
      if replaced < count, !result.hasSuffix("\""), !(result.last?.isNamePart ?? false) {
        if rest.hasPrefix(quoted) {
          rest = rest.dropFirst(quoted.count)
          (result, replaced) = (result + "\u{0}", replaced + 1)
          continue
        }
        let after = rest.dropFirst(name.count).first
        if rest.hasPrefix(name), !(after?.isNamePart ?? false), after != "\"" {
          rest = rest.dropFirst(name.count)
          (result, replaced) = (result + "\u{0}", replaced + 1)
          continue
        }
      }
      result.append(character)
      rest.removeFirst()
    }
    return result
  }
}

extension Character {
  fileprivate var isNamePart: Bool { isLetter || isNumber || self == "_" || self == "$" }
}

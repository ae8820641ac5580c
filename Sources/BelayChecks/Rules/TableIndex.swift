import BelayDrivers

/// An index as the catalog tells of it: by its definition, which lists its columns between parentheses.
struct TableIndex {
  let name: String
  /// In lowercase; nil: an expression.
  private let columns: [String?]
  /// Of all rows.
  private let isWhole: Bool

  /// nil: it is none, and nothing that has one.
  init?(_ object: SchemaObject) {
    guard let list = ColumnList(in: object.definition) else { return nil }
    switch object.kind {
    case "index", "primary_key": break
    case "constraint":
      // A constraint of another kind has no index.
      let words = list.head.uppercased().split(separator: " ")
      guard words.contains("UNIQUE") || words.starts(with: ["PRIMARY", "KEY"]) || words.contains("EXCLUDE") else {
        return nil
      }
    default: return nil
    }
    name = object.name
    columns = list.columns
    isWhole = !list.rest.uppercased().split { !$0.isLetter }.contains("WHERE")
  }

  /// It serves a search by these columns.
  func begins(with names: [String]) -> Bool {
    isWhole && columns.count >= names.count && columns.prefix(names.count).elementsEqual(names) { $0 == $1 }
  }
}

/// The first list between parentheses in a definition, outside of quoted names.
private struct ColumnList {
  private(set) var columns: [String?] = []
  /// What stands before it, without names in quotes.
  private(set) var head = ""
  /// What stands behind it.
  private(set) var rest = ""

  init?(in definition: String) {
    var items: [Item] = []
    var item = Item()
    var depth = 0
    var quote: Character?
    var position = definition.startIndex
    while position < definition.endIndex {
      let character = definition[position]
      position = definition.index(after: position)
      if let open = quote {
        // A doubled quote stands for one, as the end of one part and the beginning of the next.
        if character == open {
          quote = nil
          item.isAfterQuote = true
        } else if depth > 0 {
          item.quoted.append(character)
        }
        continue
      }
      switch character {
      case "\"", "`", "'":
        quote = character
        if depth == 1 {
          if item.isAfterQuote { item.quoted.append(character) }
          item.hasQuotes = true
        }
      case "(":
        depth += 1
        if depth > 1 { item.isExpression = true }
      case ")":
        depth -= 1
        if depth == 0 {
          columns = (items + [item]).map(\.column)
          rest = String(definition[position...])
          return
        }
      case "," where depth == 1:
        items.append(item)
        item = Item()
      default:
        if depth == 0 { head.append(character) }
        if depth == 1 { item.bare.append(character) }
      }
      item.isAfterQuote = false
    }
    return nil
  }

  private struct Item {
    var bare = ""
    var quoted = ""
    var hasQuotes = false
    var isExpression = false
    var isAfterQuote = false

    /// Words behind the name are an order, a collation or an operator class.
    var column: String? {
      // `name(10)` is a prefix of the column, and f(name) an expression: neither serves every search.
      if isExpression { return nil }
      if hasQuotes { return quoted.lowercased() }
      return bare.split { $0 == " " || $0 == "\n" || $0 == "\t" }.first.map { $0.lowercased() }
    }
  }
}

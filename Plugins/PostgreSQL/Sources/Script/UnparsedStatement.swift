import BelayDriverKit

/// A statement that the parser does not take, because the server is newer than it: read by its words alone, as far as they
/// say what rows it writes.
struct UnparsedStatement {
  /// A statement's words and names: bare words in capitals, names in quotes as they are called.
  enum Word: Equatable {
    case word(String)
    case name(String)
    case sign(Character)
  }

  let words: [Word]

  /// Longer statements are looked at from the front only.
  private static let most = 20_000

  init(_ sql: String) {
    var sql = sql
    words = sql.withUTF8 { text in
      var reader = SQLWords(UnsafeRawBufferPointer(text))
      var words: [Word] = []
      while words.count < Self.most, let word = reader.next() {
        let text = String(decoding: word.bytes, as: UTF8.self)
        switch word.kind {
        case .word: words.append(.word(text.uppercased()))
        case .quotedName: words.append(.name(String(text.dropFirst().dropLast()).replacing("\"\"", with: "\"")))
        case .symbol: words.append(.sign(text.first ?? " "))
        default: words.append(.sign("'"))
        }
      }
      return words
    }
  }

  func isWord(_ index: Int, _ keywords: String...) -> Bool {
    guard words.indices.contains(index), case .word(let word) = words[index] else { return false }
    return keywords.contains(word)
  }

  /// Where a word stands outside of parentheses.
  func firstIndex(of keywords: String...) -> Int? {
    var depth = 0
    for (index, word) in words.enumerated() {
      switch word {
      case .sign("("): depth += 1
      case .sign(")"): depth -= 1
      case .word(let word) where depth == 0 && keywords.contains(word): return index
      default: break
      }
    }
    return nil
  }

  /// Tables whose rows it writes, inside WITH too, by the words before each name.
  var rowWrites: [(path: [String], actions: WriteActions)] {
    var found: [(path: [String], actions: WriteActions)] = []
    for index in words.indices {
      let actions: WriteActions
      var place = index + 2
      if isWord(index, "INSERT"), isWord(index + 1, "INTO") {
        actions = updatesOnConflict ? [.insert, .update] : .insert
      } else if isWord(index, "DELETE"), isWord(index + 1, "FROM") {
        actions = .delete
      } else if isWord(index, "MERGE"), isWord(index + 1, "INTO") {
        actions = merged
      } else if isWord(index, "UPDATE"), !isWord(index - 1, "DO", "THEN", "FOR", "KEY", "NO", "ON") {
        (actions, place) = (.update, index + 1)
      } else {
        continue
      }
      if isWord(place, "ONLY") { place += 1 }
      let path = path(at: place)
      if !path.isEmpty { found.append((path, actions)) }
    }
    return found
  }

  private var updatesOnConflict: Bool {
    words.indices.contains { isWord($0, "DO") && isWord($0 + 1, "UPDATE") }
  }

  private var merged: WriteActions {
    var actions: WriteActions = []
    for index in words.indices where isWord(index, "THEN") {
      if isWord(index + 1, "INSERT") { actions.insert(.insert) }
      if isWord(index + 1, "UPDATE") { actions.insert(.update) }
      if isWord(index + 1, "DELETE") { actions.insert(.delete) }
    }
    return actions
  }

  private func path(at start: Int) -> [String] {
    var path: [String] = []
    var index = start
    while words.indices.contains(index) {
      switch words[index] {
      case .word(let word): path.append(word.lowercased())
      case .name(let name): path.append(name)
      case .sign: return path
      }
      guard words.indices.contains(index + 1), words[index + 1] == .sign(".") else { return path }
      index += 2
    }
    return path
  }
}

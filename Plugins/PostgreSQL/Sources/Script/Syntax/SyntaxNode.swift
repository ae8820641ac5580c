/// PostgreSQL's syntax tree: objects with named fields, lists, and values. Fields with a default value (0, false,
/// empty) are absent.
enum SyntaxNode {
  case absent
  case object([(name: String, value: SyntaxNode)])
  case list([SyntaxNode])
  case text(String)
  case number(Int)
  case flag(Bool)

  /// A field of an object.
  subscript(_ name: String) -> SyntaxNode {
    guard case .object(let fields) = self else { return .absent }
    return fields.first { $0.name == name }?.value ?? .absent
  }

  var isPresent: Bool {
    if case .absent = self { false } else { true }
  }

  var items: [SyntaxNode] {
    if case .list(let items) = self { items } else { [] }
  }

  var text: String? {
    if case .text(let text) = self { text } else { nil }
  }

  var number: Int {
    if case .number(let number) = self { number } else { 0 }
  }

  var isTrue: Bool {
    if case .flag(let flag) = self { flag } else { false }
  }

  /// A node that may have several types is an object with one field, named after its type.
  var typed: (type: String, node: SyntaxNode) {
    guard case .object(let fields) = self, fields.count == 1, let field = fields.first else { return ("", .absent) }
    return (field.name, field.value)
  }

  /// The node itself, if it has this type.
  func `as`(_ type: String) -> SyntaxNode? {
    let (found, node) = typed
    return found == type ? node : nil
  }

  /// A name or constant of text: `{"String":{"sval":…}}`, `{"A_Const":{"sval":{"sval":…}}}`.
  var word: String? {
    if let string = self.as("String") { return string["sval"].text ?? "" }
    if let constant = self.as("A_Const") {
      if case .object = constant["sval"] { return constant["sval"]["sval"].text ?? "" }
    }
    return nil
  }

  /// A name in parts, its parts in order.
  var path: [String] {
    if let list = self.as("List") { return list["items"].path }
    return items.compactMap(\.word)
  }

  /// Calls `body` for every typed node in the tree, including this one.
  func forEach(_ body: (_ type: String, _ node: SyntaxNode) -> Void) {
    switch self {
    case .object(let fields):
      for field in fields {
        if field.name.first?.isUppercase == true { body(field.name, field.value) }
        field.value.forEach(body)
      }
    case .list(let items):
      for item in items { item.forEach(body) }
    default: break
    }
  }
}

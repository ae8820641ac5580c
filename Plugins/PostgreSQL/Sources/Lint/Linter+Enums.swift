import BelayDriverKit

/// Values that are added to an enum cannot be used in the same transaction.
extension Linter {
  mutating func alterEnum(_ node: SyntaxNode, _ model: SchemaModel) {
    guard isTransactional, let value = node["newVal"].text, !node["oldVal"].isPresent else { return }
    let type = node["typeName"].path.last ?? ""
    addedValues[value] = type
    warn(
      "enum-value", "the value '\(value)' of \(type) cannot be used until the transaction has been committed",
      hint: "put it in a file of its own with `-- belay: no-transaction`")
  }

  /// Certain if the value is cast to its type; an equal string may mean something else.
  mutating func useOfAddedValues(_ tree: SyntaxNode) {
    guard !addedValues.isEmpty else { return }
    var cast: [String] = []
    var named: [String] = []
    tree.forEach { type, node in
      if type == "TypeCast", let value = node["arg"].word, let added = addedValues[value],
        node["typeName"]["names"].path.last == added
      {
        cast.append(value)
      }
      if type == "A_Const", case .object = node["sval"] { named.append(node["sval"]["sval"].text ?? "") }
    }
    for value in Set(cast + named.filter { addedValues[$0] != nil }).sorted() {
      let isSure = cast.contains(value)
      add(
        isSure ? .error : .warning, "enum-value-used",
        "'\(value)' was added to \(addedValues[value] ?? "") in the same transaction, so "
          + (isSure ? "it cannot be used yet" : "it cannot be used yet, if this string means that value"),
        hint: "put ALTER TYPE … ADD VALUE in a file before this one, with `-- belay: no-transaction`")
    }
  }
}

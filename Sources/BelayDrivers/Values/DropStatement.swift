extension SchemaObject {
  /// What takes it out of a database: the driver's own statement, else one by its name alone; nil where the host knows no
  /// such statement, where the engine keeps it by itself, and where it goes with its owner.
  package func dropStatement(_ traits: Traits) -> String? {
    dropStatement(quoting: { traits.quoted(schema: $0, name: $1) })
  }

  package func dropStatement(quoting: (_ schema: String, _ name: String) -> String) -> String? {
    if let drop { return drop }
    let word: String
    switch kind {
    case "trigger", "view", "index", "table": word = kind.uppercased()
    case "virtual_table": word = "TABLE"
    default: return nil
    }
    guard flags.isDisjoint(with: [.internal, .shadow]) else { return nil }
    return "DROP \(word) IF EXISTS \(quoting(schema, name))"
  }
}

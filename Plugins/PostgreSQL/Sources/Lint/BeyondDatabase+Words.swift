/// The same of a statement that the parser does not take: by the words that it begins with.
extension BeyondDatabase {
  static func reach(of statement: UnparsedStatement) -> Reach? {
    if let reach = right(statement) { return reach }
    guard statement.isWord(0, "CREATE", "ALTER", "DROP", "REASSIGN", "COMMENT", "SECURITY") else { return nil }
    if statement.isWord(0, "REASSIGN") { return .server("REASSIGN OWNED") }
    if statement.isWord(0, "COMMENT", "SECURITY") { return described(statement) }
    guard case .word(let verb) = statement.words[0], statement.words.count > 1,
      case .word(let object) = statement.words[1]
    else { return nil }
    switch object {
    case "ROLE", "GROUP", "TABLESPACE": return .server("\(verb) \(object)")
    case "USER": return statement.isWord(2, "MAPPING") ? nil : .server("\(verb) ROLE")
    case "OWNED": return .server("DROP OWNED")
    case "SYSTEM": return .server("ALTER SYSTEM")
    case "DATABASE":
      return verb == "ALTER" ? .databaseItself("ALTER DATABASE") : .server("\(verb) DATABASE")
    case "SUBSCRIPTION":
      return .publisher("\(verb) SUBSCRIPTION", hint: "do it by hand, after the migration")
    default: return nil
    }
  }

  /// GRANT r TO s names no object, and so means a role.
  private static func right(_ statement: UnparsedStatement) -> Reach? {
    guard statement.isWord(0, "GRANT", "REVOKE") else { return nil }
    let isGrant = statement.isWord(0, "GRANT")
    let end = statement.firstIndex(of: isGrant ? "TO" : "FROM") ?? statement.words.count
    guard let on = statement.firstIndex(of: "ON"), on < end else {
      return .server(isGrant ? "GRANT of a role" : "REVOKE of a role")
    }
    let verb = isGrant ? "GRANT … ON" : "REVOKE … ON"
    if statement.isWord(on + 1, "TABLESPACE") { return .server("\(verb) TABLESPACE") }
    if statement.isWord(on + 1, "PARAMETER") { return .server("\(verb) PARAMETER") }
    if statement.isWord(on + 1, "DATABASE") { return .database("\(verb) DATABASE", pattern: "\(verb) DATABASE %I …") }
    return nil
  }

  private static func described(_ statement: UnparsedStatement) -> Reach? {
    guard let on = statement.firstIndex(of: "ON") else { return nil }
    let verb = statement.isWord(0, "COMMENT") ? "COMMENT ON" : "SECURITY LABEL ON"
    if statement.isWord(on + 1, "ROLE") { return .server("\(verb) ROLE") }
    if statement.isWord(on + 1, "TABLESPACE") { return .server("\(verb) TABLESPACE") }
    if statement.isWord(on + 1, "DATABASE") { return .database("\(verb) DATABASE", pattern: "\(verb) DATABASE %I …") }
    return nil
  }
}

import BelayDriverKit

/// What a dump needs but does not contain, and the server lacks: roles, extensions, tablespaces.
///
/// The dump's text is searched for them only after a restore has failed: in the text, a line of a function can look
/// like a statement, so an unknown name in it proves nothing by itself.
struct MissingParts {
  private var roles: [String] = []
  private var extensions: [String] = []
  private var tablespaces: [String] = []

  /// - Parameter script: the dump's schema as SQL text.
  init(_ script: String, _ link: Link) throws(DriverFailure) {
    var (roles, extensions, tablespaces): (Set<String>, Set<String>, Set<String>) = ([], [], [])
    for line in script.split(separator: "\n") {
      if let name = Self.name(in: line, from: "CREATE EXTENSION IF NOT EXISTS ") { extensions.insert(name) }
      if let name = Self.name(in: line, from: "SET default_tablespace = ") { tablespaces.insert(name) }
      roles.formUnion(Self.roles(in: line))
    }
    self.roles = try Self.unknown(roles, "pg_roles", "rolname", link)
    self.extensions = try Self.unknown(extensions, "pg_available_extensions", "name", link)
    self.tablespaces = try Self.unknown(tablespaces, "pg_tablespace", "spcname", link)
  }

  /// Replaces a failure that one of them has caused.
  func explain(_ failure: DriverFailure) -> DriverFailure {
    let all = roles + extensions + tablespaces
    guard all.contains(where: { failure.message.contains("\"\($0)\"") }) else { return failure }
    var explained = failure
    explained.code = .notFound
    let parts = [("role", roles), ("extension", extensions), ("tablespace", tablespaces)].filter { !$0.1.isEmpty }
    let list = parts.map { kind, names in kind + (names.count > 1 ? "s " : " ") + names.joined(separator: ", ") }
    explained.message = "the server lacks what the dump needs: \(list.joined(separator: "; "))"
    var cures = roles.map { "CREATE ROLE \(SQLQuote.name($0)) NOLOGIN;" }
    cures += tablespaces.map {
      "CREATE TABLESPACE \(SQLQuote.name($0)) LOCATION '/path/on/the/server';"
    }
    let typed = cures.isEmpty ? "" : "type in psql: " + cures.joined(separator: " ")
    let installed =
      extensions.isEmpty
      ? "" : "install the packages on the server that provide \(extensions.joined(separator: ", "))"
    explained.hint = [typed, installed].filter { !$0.isEmpty }.joined(separator: "; ")
    return explained
  }

  private static func roles(in line: Substring) -> [String] {
    let owner = line.hasPrefix("ALTER ") ? last(" OWNER TO ", line) : nil
    let granted =
      line.hasPrefix("GRANT ") || line.hasPrefix("ALTER DEFAULT PRIVILEGES ") ? last(" TO ", line) : nil
    let revoked =
      line.hasPrefix("REVOKE ") || line.hasPrefix("ALTER DEFAULT PRIVILEGES ") ? last(" FROM ", line) : nil
    let others = [
      name(in: line, from: "ALTER DEFAULT PRIVILEGES FOR ROLE "), name(in: line, from: "SET SESSION AUTHORIZATION "),
      name(in: line, from: "CREATE USER MAPPING FOR "),
    ]
    return ([owner, granted, revoked] + others).compactMap { $0 }.filter { $0 != "PUBLIC" && $0 != "DEFAULT" }
  }

  private static func last(_ label: String, _ line: Substring) -> String? {
    guard let label = line.ranges(of: label).last else { return nil }
    var names = SQLNames(line[label.upperBound...])
    return names.name()
  }

  private static func name(in line: Substring, from label: String) -> String? {
    var names = SQLNames(line)
    return names.skip(label) ? names.name().flatMap { $0.isEmpty ? nil : $0 } : nil
  }

  private static func unknown(
    _ names: Set<String>, _ catalog: String, _ column: String, _ link: Link
  ) throws(DriverFailure) -> [String] {
    if names.isEmpty { return [] }
    let list = names.sorted().map { "(\(SQLLiteral.quoted($0)))" }.joined(separator: ", ")
    let sql = """
      SELECT n FROM (VALUES \(list)) v (n)
      WHERE NOT EXISTS (SELECT FROM pg_catalog.\(catalog) c WHERE c.\(column)::text = n) ORDER BY 1
      """
    return try link.quietly(sql).rows.compactMap { $0.first ?? nil }
  }
}

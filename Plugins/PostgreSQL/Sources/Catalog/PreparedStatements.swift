import BelayDriverKit

extension CatalogRow {
  /// The row with those parts of its ddl that SQL could not produce.
  func prepared() -> CatalogRow {
    var row = self
    switch object.kind {
    // An index that could not be finished: nobody uses it, and taking it away keeps nobody waiting.
    case "index" where object.flags.contains(.outsideDump):
      row.object.drop =
        "DROP INDEX CONCURRENTLY IF EXISTS \(SQLQuote.name(object.schema)).\(SQLQuote.name(object.name))"
    case "database": row.object.ddl = Self.onThisDatabase(object.ddl)
    case "subscription":
      row.object.nativeType = ""
      row.object.ddl = Self.subscribing(object)
    default: break
    }
    return row
  }

  /// Statements that name the database in which they run, whatever its name is.
  private static func onThisDatabase(_ statements: String) -> String {
    let mark = SQLLiteral.quoted(ClusterQueries.databaseMark)
    let name = "'DATABASE ' || pg_catalog.quote_ident(pg_catalog.current_database())"
    let body =
      "BEGIN EXECUTE pg_catalog.replace(\(SQLLiteral.quoted(statements)), \(mark), \(name)); END"
    return "DO \(SQLLiteral.quoted(body));"
  }

  /// Has libpq parse the connection string, and builds it again without secrets.
  private static func subscribing(_ object: SchemaObject) -> String {
    var connection = ""
    // A connection string that libpq cannot parse is left out completely: it may contain a password anywhere.
    if let parameters = try? ConnectionParameters(url: object.nativeType) {
      for (keyword, value) in parameters.values where !["password", "sslpassword", "passfile"].contains(keyword) {
        var quoted = ""
        for character in value.unicodeScalars {
          if character == "'" || character == "\\" { quoted.unicodeScalars.append("\\") }
          quoted.unicodeScalars.append(character)
        }
        connection += (connection.isEmpty ? "" : " ") + "\(keyword)='\(quoted)'"
      }
    }
    let name = SQLQuote.name(object.name)
    return "CREATE SUBSCRIPTION \(name) CONNECTION \(SQLLiteral.quoted(connection))\(object.ddl)"
  }
}

import BelayDriverKit
import CPostgreSQL

/// The statements that make a scratch database: empty, and like its target in what cannot be changed afterwards.
struct ScratchCreation {
  /// Cannot run in a transaction.
  let create: String
  /// Makes it a database that only its owner may connect to, and that says what it is.
  let seclude: String

  /// What the comment of a scratch begins with, until somebody gives it the comment of a database of its own.
  static let mark = "belay scratch database"

  init(_ scratch: String, of target: String, _ link: Link, _ operation: Operation) throws(DriverFailure) {
    let version = PQserverVersion(link.handle)
    let provider = version >= 150000 ? "d.datlocprovider" : "'c'"
    let locale = version >= 170000 ? "d.datlocale" : version >= 150000 ? "d.daticulocale" : "NULL"
    let rules = version >= 160000 ? "d.daticurules" : "NULL"
    let reply = try link.run(
      """
      SELECT pg_catalog.pg_encoding_to_char(d.encoding), d.datcollate, d.datctype,
        CASE WHEN d.dattablespace <> n.dattablespace THEN t.spcname END, \(provider), \(locale), \(rules)
      FROM pg_catalog.pg_database d JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace
        JOIN pg_catalog.pg_database n ON n.datname = 'template0'
      WHERE d.datname = pg_catalog.current_database()
      """, operation: operation)
    guard let row = reply.rows.first else { throw DriverFailure(.notFound, "there is no database \(target)") }
    var words = [
      "TEMPLATE template0", "ENCODING \(SQLLiteral.quoted(row[0] ?? ""))",
      "LC_COLLATE \(SQLLiteral.quoted(row[1] ?? ""))", "LC_CTYPE \(SQLLiteral.quoted(row[2] ?? ""))",
      "ALLOW_CONNECTIONS false",
    ]
    // Without the word it is template0's, which needs no privilege.
    if let tablespace = row[3] { words.append("TABLESPACE \(PostgreSQLConnection.quoted(tablespace))") }
    switch row[4] {
    case "i":
      words.append("LOCALE_PROVIDER icu")
      if let locale = row[5] { words.append("ICU_LOCALE \(SQLLiteral.quoted(locale))") }
      if let rules = row[6] { words.append("ICU_RULES \(SQLLiteral.quoted(rules))") }
    case "b":
      words.append("LOCALE_PROVIDER builtin")
      if let locale = row[5] { words.append("BUILTIN_LOCALE \(SQLLiteral.quoted(locale))") }
    default:
      if version >= 150000 { words.append("LOCALE_PROVIDER libc") }
    }
    let name = PostgreSQLConnection.quoted(scratch)
    create = "CREATE DATABASE \(name) \(words.joined(separator: " "))"
    seclude = """
      REVOKE ALL ON DATABASE \(name) FROM PUBLIC;
      COMMENT ON DATABASE \(name) IS \(SQLLiteral.quoted("\(Self.mark) of \(target), to be dropped"));
      ALTER DATABASE \(name) ALLOW_CONNECTIONS true
      """
  }
}

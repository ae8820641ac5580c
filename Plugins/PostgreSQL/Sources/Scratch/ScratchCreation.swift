import BelayDriverKit
import CPostgreSQL

/// The statements that create a scratch database: empty, and like its target in what cannot be changed afterwards.
///
/// Its privileges are those of any new database. Its content is protected as in the target: the backup's privileges on
/// the database are restored before the tables, and those on the tables after them; until then only their owners have
/// access.
struct ScratchCreation {
  /// Cannot run in a transaction.
  let create: String
  /// Marks it as a scratch database.
  let mark: String
  /// Settings of the target that no backup contains, because their names suggest secrets.
  let secrets: [String]

  /// More than any server allows. Marks a scratch database that has no properties of its own yet: the catalog's
  /// statement for a database always sets the limit.
  static let unadornedLimit = 999_999

  /// The beginning of a scratch database's comment.
  static let comment = "belay scratch database"

  init(_ scratch: String, of target: String, _ link: Link, _ operation: Operation) throws(DriverFailure) {
    let version = PQserverVersion(link.handle)
    let provider = version >= 150000 ? "d.datlocprovider" : "'c'"
    let locale = version >= 170000 ? "d.datlocale" : version >= 150000 ? "d.daticulocale" : "NULL"
    let rules = version >= 160000 ? "d.daticurules" : "NULL"
    let reply = try link.run(
      """
      SELECT pg_catalog.pg_encoding_to_char(d.encoding), d.datcollate, d.datctype,
        CASE WHEN d.dattablespace <> n.dattablespace THEN t.spcname END, \(provider), \(locale), \(rules),
        pg_catalog.pg_get_userbyid(d.datdba)
      FROM pg_catalog.pg_database d JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace
        JOIN pg_catalog.pg_database n ON n.datname = 'template0'
      WHERE d.datname = pg_catalog.current_database()
      """, operation: operation)
    guard let row = reply.rows.first else { throw DriverFailure(.notFound, "there is no database \(target)") }
    var words = [
      "TEMPLATE template0", "OWNER \(SQLQuote.name(row[7] ?? ""))",
      "ENCODING \(SQLLiteral.quoted(row[0] ?? ""))", "LC_COLLATE \(SQLLiteral.quoted(row[1] ?? ""))",
      "LC_CTYPE \(SQLLiteral.quoted(row[2] ?? ""))", "CONNECTION LIMIT \(Self.unadornedLimit)",
    ]
    // The default is template0's tablespace, which needs no privilege.
    if let tablespace = row[3] { words.append("TABLESPACE \(SQLQuote.name(tablespace))") }
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
    let name = SQLQuote.name(scratch)
    create = "CREATE DATABASE \(name) \(words.joined(separator: " "))"
    mark =
      "COMMENT ON DATABASE \(name) IS \(SQLLiteral.quoted("\(Self.comment) of \(target), to be dropped"))"
    secrets = try DatabaseProperties(of: target, link, operation).settings(for: scratch, onlySecret: true)
  }
}

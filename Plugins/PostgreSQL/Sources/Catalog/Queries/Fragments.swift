/// Pieces of SQL that several queries share.
enum Fragments {
  /// Joins the schema `n` of an object. Leaves out schemas of the system and of sessions (temporary tables).
  static func schema(of column: String) -> String {
    "JOIN pg_namespace n ON n.oid = \(column) AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'"
  }

  /// For objects without a schema: those that initdb created have lower OIDs.
  static let ofUsers = "o.oid >= 16384"

  static func qualified(_ name: String) -> String { "format('%I.%I', n.nspname, \(name))" }

  /// `name='value', …` of an array of `name=value`, sorted; NULL if there is none. Leaves out what the server writes there
  /// for itself, under names that begin with `pg_`: since the releases of November 2026, such as 15.20 and 17.12, each column
  /// has `pg_attver`, a number that is another one in every copy. Their pg_dump leaves it out too, and older servers refuse it.
  static func options(_ array: String, prefix: String = "") -> String {
    """
    (SELECT string_agg(format('\(prefix)%s=%L', split_part(i, '=', 1), substr(i, strpos(i, '=') + 1)), ', ' ORDER BY i)
      FROM unnest(\(array)) i WHERE i !~ '^pg_')
    """
  }

  /// Matches the names of options and settings that may hold secrets.
  private static let secret = "'pass|pwd|secret|token|key|credential'"

  /// `name 'value', …` of a wrapper's, server's, table's or column's options; values that may be secret are left out.
  static func foreignOptions(_ array: String, hidden: String = "i ~* \(secret)") -> String {
    """
    (SELECT string_agg(format('%I %L', split_part(i, '=', 1), substr(i, strpos(i, '=') + 1)), ', ' ORDER BY i)
      FROM unnest(\(array)) i WHERE NOT (\(hidden)))
    """
  }

  /// A mark for what foreignOptions leaves out, so that a change is seen: 16 bits of a hash, too few to guess
  /// passwords.
  static func hiddenOptions(_ array: String, salt: String, hidden: String = "i ~* \(secret)") -> String {
    """
    (SELECT string_agg(format('hidden option %s (%s)', split_part(i, '=', 1),
        \(checksum("\(salt) || i"))), ', ' ORDER BY i)
      FROM unnest(\(array)) i WHERE \(hidden))
    """
  }

  static func checksum(_ text: String) -> String {
    "left(encode(sha256(convert_to('belay' || (\(text)), 'UTF8')), 'hex'), 4)"
  }

  /// The name of a setting says that its value is secret.
  static func isSecret(_ name: String) -> String { "\(name) ~* \(secret)" }

  /// A column's collation if it differs from its type's.
  static func collation(_ collation: String, type: String) -> String {
    """
    coalesce((SELECT format(' COLLATE %I.%I', cn.nspname, c.collname)
      FROM pg_collation c JOIN pg_namespace cn ON cn.oid = c.collnamespace
      WHERE c.oid = \(collation) AND \(collation) <> (SELECT typcollation FROM pg_type WHERE oid = \(type))), '')
    """
  }
}

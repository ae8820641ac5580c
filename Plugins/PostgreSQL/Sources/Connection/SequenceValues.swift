import BelayDriverKit

/// Where sequences stand. No snapshot holds that: it is read at once, and remembered for the view's lifetime.
enum SequenceValues {
  static let columns = ["schemaname", "sequencename", "last_value", "increment_by"]

  /// Rows of `columns`, as they are now.
  static let present = rows(value: value)

  /// Rows of `columns`, with the values of an earlier moment.
  /// - Parameter values: what `question` gave.
  static func rows(with values: Reply) -> String {
    let known = values.rows.map { "(\($0[0] ?? "0")::pg_catalog.oid, \($0[1] ?? "NULL")::pg_catalog.int8)" }
    guard !known.isEmpty else { return rows(value: "NULL::pg_catalog.int8") }
    return rows(
      value: "v.value", join: "LEFT JOIN (VALUES \(known.joined(separator: ", "))) v (oid, value) ON v.oid = c.oid")
  }

  /// Sequences by oid, and their values.
  static let question = "SELECT c.oid, \(value) \(all)"

  /// An unlogged one cannot be read on a standby, and one of another role's not at all.
  private static let value = """
    CASE WHEN pg_catalog.has_sequence_privilege(c.oid, 'SELECT,USAGE')
      AND (c.relpersistence = 'p' OR NOT pg_catalog.pg_is_in_recovery()) THEN pg_catalog.pg_sequence_last_value(c.oid) END
    """

  /// A sequence that goes round may come to stand anywhere. An extension's own is not dumped.
  private static func rows(value: String, join: String = "") -> String {
    """
    SELECT n.nspname AS schemaname, c.relname AS sequencename, \(value) AS last_value,
      CASE WHEN s.seqcycle THEN 0 ELSE s.seqincrement END AS increment_by
    \(all(join))
    """
  }

  private static let all = all("")

  private static func all(_ join: String) -> String {
    """
    FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
      JOIN pg_catalog.pg_sequence s ON s.seqrelid = c.oid \(join)
    WHERE c.relpersistence <> 't' AND n.nspname !~ '^pg_' AND n.nspname <> 'information_schema'
      AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d JOIN pg_catalog.pg_extension e ON e.oid = d.refobjid
        WHERE d.classid = 'pg_catalog.pg_class'::pg_catalog.regclass AND d.objid = c.oid AND d.deptype = 'e'
          AND NOT c.oid = ANY (coalesce(e.extconfig, '{}')))
    """
  }
}

/// What the server runs automatically: triggers, policies, event triggers.
enum TriggerQueries {
  static let all = [triggers, policies, eventTriggers]

  private static func state(_ column: String) -> String {
    "CASE \(column) WHEN 'D' THEN 'DISABLE' WHEN 'A' THEN 'ENABLE ALWAYS' WHEN 'R' THEN 'ENABLE REPLICA' ELSE 'ENABLE' END"
  }

  /// A partition's copy of its parent's trigger is an object only if it is enabled or disabled differently.
  private static let triggers = ObjectQuery(
    catalog: "pg_trigger",
    kind: "'trigger'",
    schema: "n.nspname",
    name: "o.tgname",
    parent: "r.relname",
    relation: "r.oid",
    ddl: """
      concat_ws(E'\\n', CASE WHEN u.oid IS NULL THEN pg_get_triggerdef(o.oid) || ';' END,
        CASE WHEN o.tgenabled <> coalesce(u.tgenabled, 'O') THEN
          format('ALTER TABLE %I.%I %s TRIGGER %I;', n.nspname, r.relname, \(state("o.tgenabled")), o.tgname) END)
      """,
    target: "format('TRIGGER %I ON %I.%I', o.tgname, n.nspname, r.relname)",
    from: """
      pg_trigger o JOIN pg_class r ON r.oid = o.tgrelid \(Fragments.schema(of: "r.relnamespace"))
      LEFT JOIN pg_trigger u ON u.oid = o.tgparentid
      WHERE o.tgname !~ '^RI_ConstraintTrigger'
        AND CASE WHEN u.oid IS NULL THEN NOT o.tgisinternal ELSE o.tgenabled <> u.tgenabled END
      """)

  private static let policies = ObjectQuery(
    catalog: "pg_policy",
    kind: "'policy'",
    schema: "n.nspname",
    name: "o.polname",
    parent: "r.relname",
    relation: "r.oid",
    ddl: """
      format('CREATE POLICY %I ON %I.%I%s FOR %s TO %s%s%s;', o.polname, n.nspname, r.relname,
        CASE WHEN o.polpermissive THEN '' ELSE ' AS RESTRICTIVE' END,
        CASE o.polcmd WHEN 'r' THEN 'SELECT' WHEN 'a' THEN 'INSERT' WHEN 'w' THEN 'UPDATE' WHEN 'd' THEN 'DELETE'
          ELSE 'ALL' END,
        (SELECT string_agg(CASE u WHEN 0 THEN 'PUBLIC' ELSE quote_ident(pg_get_userbyid(u)) END, ', '
          ORDER BY pg_get_userbyid(u)) FROM unnest(o.polroles) u),
        ' USING (' || pg_get_expr(o.polqual, o.polrelid) || ')',
        ' WITH CHECK (' || pg_get_expr(o.polwithcheck, o.polrelid) || ')')
      """,
    target: "format('POLICY %I ON %I.%I', o.polname, n.nspname, r.relname)",
    from: "pg_policy o JOIN pg_class r ON r.oid = o.polrelid \(Fragments.schema(of: "r.relnamespace"))")

  private static let eventTriggers = ObjectQuery(
    catalog: "pg_event_trigger",
    kind: "'event_trigger'",
    name: "o.evtname",
    ddl: """
      concat_ws(E'\\n', format('CREATE EVENT TRIGGER %I ON %I%s EXECUTE FUNCTION %s();', o.evtname, o.evtevent,
          (SELECT format(' WHEN TAG IN (%s)', string_agg(quote_literal(t), ', ' ORDER BY t)) FROM unnest(o.evttags) t
            HAVING count(*) > 0),
          o.evtfoid::regproc),
        CASE WHEN o.evtenabled <> 'O' THEN format('ALTER EVENT TRIGGER %I %s;', o.evtname, \(state("o.evtenabled"))) END)
      """,
    target: "format('EVENT TRIGGER %I', o.evtname)",
    owner: "o.evtowner",
    from: "pg_event_trigger o")
}

/// What a version of PostgreSQL brought, in a database and in a migration.
struct VersionFeatures: Sendable {
  let since: Int
  /// Made before the backup.
  let schema: String
  /// A part of a migration that must succeed.
  let migration: String
  /// A query, and what it gives after the migration.
  let outcome: (query: String, answer: String)

  static func of(_ major: Int) -> [VersionFeatures] { all.filter { $0.since <= major } }

  private static let all = [fifteen, sixteen, seventeen, eighteen]

  /// MERGE; NULLS NOT DISTINCT; security_invoker; ON DELETE SET NULL of some columns; ICU is not in every build.
  private static let fifteen = VersionFeatures(
    since: 15,
    schema: """
      CREATE TABLE stock (item text PRIMARY KEY, amount int NOT NULL);
      INSERT INTO stock VALUES ('bolt', 4), ('rope', 2);
      CREATE TABLE labels (a int, b int, UNIQUE NULLS NOT DISTINCT (a, b));
      INSERT INTO labels VALUES (1, NULL);
      CREATE TABLE tenants (tenant int, id int, PRIMARY KEY (tenant, id));
      CREATE TABLE notes (tenant int, id int, FOREIGN KEY (tenant, id) REFERENCES tenants ON DELETE SET NULL (id));
      CREATE VIEW stocked WITH (security_invoker = true) AS SELECT item FROM stock WHERE amount > 0;
      """,
    migration: """
      MERGE INTO stock s USING (VALUES ('rope', 3), ('nut', 1)) d(item, amount) ON s.item = d.item
        WHEN MATCHED THEN UPDATE SET amount = s.amount + d.amount
        WHEN NOT MATCHED THEN INSERT VALUES (d.item, d.amount);
      """,
    outcome: ("SELECT string_agg(item || amount, ' ' ORDER BY item) FROM stock", "bolt4 nut1 rope5"))

  /// IS JSON and its constructors; numbers with underscores; subqueries without an alias; privileges of roles WITH INHERIT.
  private static let sixteen = VersionFeatures(
    since: 16,
    schema: """
      CREATE TABLE papers (id int PRIMARY KEY, text text CHECK (text IS JSON OBJECT), size bigint DEFAULT 1_000_000);
      INSERT INTO papers VALUES (1, '{"a": 1}'), (2, '{}');
      CREATE TABLE packed (id int, body text STORAGE EXTERNAL);
      """,
    migration: """
      UPDATE papers SET text = JSON_OBJECT('id': id, 'made': true)::text, size = 0x10 WHERE id IN (SELECT n FROM (SELECT 2 AS n));
      """,
    outcome: ("SELECT size || text FROM papers WHERE id = 2", #"16{"id" : 2, "made" : true}"#))

  /// JSON_TABLE; MERGE … RETURNING and WHEN NOT MATCHED BY SOURCE; identity and exclusion on partitioned tables; SET EXPRESSION;
  /// MAINTAIN.
  private static let seventeen = VersionFeatures(
    since: 17,
    schema: """
      CREATE TABLE visits (id bigint GENERATED ALWAYS AS IDENTITY, day date NOT NULL, note text) PARTITION BY RANGE (day);
      CREATE TABLE visits_2026 PARTITION OF visits FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
      CREATE TABLE visits_rest PARTITION OF visits DEFAULT;
      INSERT INTO visits (day, note) VALUES ('2026-05-01', 'one'), ('2025-05-01', 'two');
      CREATE VIEW told AS SELECT * FROM JSON_TABLE('[{"n": 1}, {"n": 2}]'::jsonb, '$[*]' COLUMNS (n int PATH '$.n'));
      CREATE TABLE sums (a int, twice int GENERATED ALWAYS AS (a * 2) STORED);
      INSERT INTO sums VALUES (4);
      GRANT MAINTAIN ON sums TO PUBLIC;
      """,
    migration: """
      INSERT INTO visits (day, note) SELECT '2026-06-01', 'json ' || n FROM told;
      ALTER TABLE sums ALTER COLUMN twice SET EXPRESSION AS (a * 20);
      CREATE TABLE merged AS SELECT 0 AS id LIMIT 0;
      WITH m AS (
        MERGE INTO visits v USING (SELECT 1 AS id) s ON v.id = s.id
          WHEN MATCHED THEN UPDATE SET note = 'merged' RETURNING merge_action(), v.id)
        INSERT INTO merged SELECT id FROM m;
      """,
    outcome: (
      "SELECT string_agg(note, ' ' ORDER BY id) || (SELECT max(twice) FROM sums) FROM visits",
      "merged two json 1 json 280"
    ))

  /// Virtual generated columns; NOT ENFORCED; named and NOT VALID NOT NULL; WITHOUT OVERLAPS and PERIOD; uuidv7; RETURNING OLD
  /// and NEW.
  private static let eighteen = VersionFeatures(
    since: 18,
    schema: """
      CREATE EXTENSION btree_gist;
      CREATE TABLE virtual (id uuid PRIMARY KEY DEFAULT uuidv7(), cents int,
        euros numeric GENERATED ALWAYS AS (cents / 100.0) VIRTUAL, CONSTRAINT has_cents NOT NULL cents);
      INSERT INTO virtual (cents) VALUES (250), (300);
      CREATE TABLE rooms (id int, during daterange, PRIMARY KEY (id, during WITHOUT OVERLAPS));
      INSERT INTO rooms VALUES (1, '[2026-01-01,2026-07-01)'), (1, '[2026-07-01,2027-01-01)');
      CREATE TABLE stays (room int, during daterange,
        FOREIGN KEY (room, PERIOD during) REFERENCES rooms (id, PERIOD during));
      INSERT INTO stays VALUES (1, '[2026-06-01,2026-08-01)');
      CREATE TABLE lax (a int, b int, CONSTRAINT positive CHECK (a > 0) NOT ENFORCED);
      INSERT INTO lax VALUES (-1, NULL);
      ALTER TABLE lax ADD CONSTRAINT has_b NOT NULL b NOT VALID;
      """,
    migration: """
      CREATE TABLE was (cents int, then_cents int);
      WITH u AS (UPDATE virtual SET cents = cents * 2 WHERE cents = 250 RETURNING old.cents AS o, new.cents AS n)
        INSERT INTO was SELECT o, n FROM u;
      ALTER TABLE virtual ADD COLUMN half numeric GENERATED ALWAYS AS (cents / 2.0) VIRTUAL;
      ALTER TABLE virtual ALTER CONSTRAINT has_cents NO INHERIT;
      UPDATE lax SET b = 0;
      ALTER TABLE lax VALIDATE CONSTRAINT has_b;
      """,
    outcome: ("SELECT max(euros)::int || ' ' || (SELECT cents || '>' || then_cents FROM was) FROM virtual", "5 250>500")
  )
}

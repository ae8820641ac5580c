import Testing

/// A tool's folder of three migrations, and its ledger: after the first one, as the tool has left it, and after all of them,
/// as the tool would leave it. Tables and rows are those of the tools' sources, which `docs/conventions.md` names.
struct AdoptedCase: Sendable, CustomTestStringConvertible {
  let tool: String
  var files: [String: String]
  /// Makes the ledger, with the first migration in it.
  var ledger: [AdoptedEngine: String]
  /// Shows the ledger, without what differs from run to run.
  var query: [AdoptedEngine: String]
  var expected: String
  /// The same after the last migration was undone; nil: the tool cannot.
  var expectedAfterDown: String?

  /// As `expected`, where the first two were only marked as applied; nil: the same.
  var expectedAfterBaseline: String?

  /// The version of the first migration.
  var first = "1"
  var second = "2"

  var testDescription: String { tool }

  static let firstUp = "CREATE TABLE tags (id integer PRIMARY KEY, name text);\nINSERT INTO tags VALUES (1, 'one');\n"
  static let secondUp = "ALTER TABLE tags ADD COLUMN note text;\nUPDATE tags SET note = 'a note';\n"
  static let tenthUp = "CREATE TABLE notes (id integer PRIMARY KEY);\nINSERT INTO notes VALUES (7);\n"
  static let firstDown = "DROP TABLE tags;\n"
  static let secondDown = "ALTER TABLE tags DROP COLUMN note;\n"
  static let tenthDown = "DROP TABLE notes;\n"
  static let view = "DROP VIEW IF EXISTS names;\nCREATE VIEW names AS SELECT name FROM tags;\n"

  private static let pairs = [
    "1_first.up.sql": firstUp, "1_first.down.sql": firstDown, "2_second_step.up.sql": secondUp,
    "2_second_step.down.sql": secondDown, "10_tenth.up.sql": tenthUp, "10_tenth.down.sql": tenthDown,
  ]

  private static func both(_ sql: String) -> [AdoptedEngine: String] { [.sqlite: sql, .postgresql: sql] }

  static let all: [AdoptedCase] = [dbmate, diesel, goose, golangMigrate, sqlx, flyway, prisma, atlas]

  struct OnEngine: Sendable, CustomTestStringConvertible {
    let tool: AdoptedCase
    let engine: AdoptedEngine
    var form = ""
    var testDescription: String { "\(tool.tool)\(form), \(engine)" }
  }

  static let onEachEngine: [OnEngine] = AdoptedEngine.allCases.flatMap { engine in
    all.map { OnEngine(tool: $0, engine: engine) } + [
      OnEngine(tool: drizzle(engine), engine: engine, form: " 0.x"),
      OnEngine(tool: drizzleFolders(engine), engine: engine, form: " 1.0"),
    ]
  }

  static let dbmate = AdoptedCase(
    tool: "dbmate",
    files: [
      "01_first.sql": "-- migrate:up\n\(firstUp)\n-- migrate:down\n\(firstDown)",
      "02_second_step.sql": "-- migrate:up\n\(secondUp)\n-- migrate:down\n\(secondDown)",
      "10_tenth.sql": "-- migrate:up\n\(tenthUp)\n-- migrate:down\n\(tenthDown)",
    ],
    ledger: [
      .sqlite: """
      CREATE TABLE IF NOT EXISTS "schema_migrations" (version varchar(128) primary key);
      INSERT INTO schema_migrations VALUES ('01');
      """,
      .postgresql: """
      CREATE TABLE IF NOT EXISTS "public"."schema_migrations" (version varchar primary key);
      INSERT INTO schema_migrations VALUES ('01');
      """,
    ],
    query: both("SELECT version FROM schema_migrations ORDER BY version"), expected: "01\n02\n10",
    expectedAfterDown: "01\n02")

  static let diesel = AdoptedCase(
    tool: "Diesel",
    files: [
      "2026-01-01-100000_first/up.sql": firstUp, "2026-01-01-100000_first/down.sql": firstDown,
      "2026-01-02-100000_second_step/up.sql": secondUp, "2026-01-02-100000_second_step/down.sql": secondDown,
      "2026-01-10-100000_tenth/up.sql": tenthUp, "2026-01-10-100000_tenth/down.sql": tenthDown,
    ],
    ledger: both(
      """
      CREATE TABLE IF NOT EXISTS __diesel_schema_migrations (
             version VARCHAR(50) PRIMARY KEY NOT NULL,
             run_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP
      );
      INSERT INTO __diesel_schema_migrations (version) VALUES ('20260101100000');
      """),
    query: both(
      """
      SELECT version, CASE WHEN run_on IS NULL THEN 'never' ELSE 'then' END FROM __diesel_schema_migrations
      ORDER BY version
      """),
    expected: "20260101100000|then\n20260102100000|then\n20260110100000|then",
    expectedAfterDown: "20260101100000|then\n20260102100000|then", first: "20260101100000",
    second: "20260102100000")

  static let goose = AdoptedCase(
    tool: "goose",
    files: [
      "00001_first.sql": "-- +goose Up\n\(firstUp)\n-- +goose Down\n\(firstDown)",
      "00002_second_step.sql":
        "-- +goose Up\n-- +goose StatementBegin\n\(secondUp)-- +goose StatementEnd\n\n-- +goose Down\n\(secondDown)",
      "00010_tenth.sql": "-- +goose up\n\(tenthUp)\n-- +goose down\n\(tenthDown)",
    ],
    ledger: [
      .sqlite: """
      CREATE TABLE goose_db_version (
        id INTEGER PRIMARY KEY AUTOINCREMENT, version_id INTEGER NOT NULL, is_applied INTEGER NOT NULL,
        tstamp TIMESTAMP DEFAULT (datetime('now')));
      INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, 1), (1, 1);
      """,
      .postgresql: """
      CREATE TABLE goose_db_version (
        id integer PRIMARY KEY GENERATED BY DEFAULT AS IDENTITY, version_id bigint NOT NULL,
        is_applied boolean NOT NULL, tstamp timestamp NOT NULL DEFAULT now());
      INSERT INTO goose_db_version (version_id, is_applied) VALUES (0, true), (1, true);
      """,
    ],
    query: both(
      """
      SELECT id, version_id, CASE WHEN is_applied THEN 'applied' END, CASE WHEN tstamp IS NULL THEN 'never' ELSE 'then' END
      FROM goose_db_version ORDER BY id
      """),
    expected: "1|0|applied|then\n2|1|applied|then\n3|2|applied|then\n4|10|applied|then",
    expectedAfterDown: "1|0|applied|then\n2|1|applied|then\n3|2|applied|then")

  static let golangMigrate = AdoptedCase(
    tool: "golang-migrate", files: pairs,
    ledger: [
      .sqlite: """
      CREATE TABLE schema_migrations (version uint64,dirty bool);
      CREATE UNIQUE INDEX version_unique ON schema_migrations (version);
      INSERT INTO schema_migrations VALUES (1, 0);
      """,
      .postgresql: """
      CREATE TABLE "public"."schema_migrations" (version bigint not null primary key, dirty boolean not null);
      INSERT INTO schema_migrations VALUES (1, false);
      """,
    ],
    query: both("SELECT version, CASE WHEN dirty THEN 'dirty' ELSE 'clean' END FROM schema_migrations"),
    expected: "10|clean", expectedAfterDown: "2|clean")

  /// The checksums are those that sha384sum gives.
  static let sqlx = AdoptedCase(
    tool: "SQLx", files: pairs,
    ledger: [
      .sqlite: """
      CREATE TABLE _sqlx_migrations (
        version BIGINT PRIMARY KEY, description TEXT NOT NULL,
        installed_on TIMESTAMP NOT NULL DEFAULT CURRENT_TIMESTAMP, success BOOLEAN NOT NULL, checksum BLOB NOT NULL,
        execution_time BIGINT NOT NULL);
      INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
        VALUES (1, 'first', TRUE, X'\(firstSHA384)', 123456);
      """,
      .postgresql: """
      CREATE TABLE _sqlx_migrations (
        version BIGINT PRIMARY KEY, description TEXT NOT NULL,
        installed_on TIMESTAMPTZ NOT NULL DEFAULT now(), success BOOLEAN NOT NULL, checksum BYTEA NOT NULL,
        execution_time BIGINT NOT NULL);
      INSERT INTO _sqlx_migrations (version, description, success, checksum, execution_time)
        VALUES (1, 'first', TRUE, '\\x\(firstSHA384)', 123456);
      """,
    ],
    query: [
      .sqlite: sqlxQuery("lower(hex(checksum))"), .postgresql: sqlxQuery("encode(checksum, 'hex')"),
    ],
    expected: """
      1|first|ok|\(firstSHA384)|time
      2|second step|ok|\(secondSHA384)|time
      10|tenth|ok|\(tenthSHA384)|time
      """,
    expectedAfterDown: """
      1|first|ok|\(firstSHA384)|time
      2|second step|ok|\(secondSHA384)|time
      """)

  private static func sqlxQuery(_ checksum: String) -> String {
    """
    SELECT version, description, CASE WHEN success THEN 'ok' END, \(checksum),
      CASE WHEN execution_time >= 0 THEN 'time' END
    FROM _sqlx_migrations ORDER BY version
    """
  }

  private static let firstSHA384 =
    "422da7058d7031cf9f9fdb674f57032b9d4e6f76bf2a06375f0cf896ca2e4b33a6fe269fb537574c7eada89ba03dfe4d"
  private static let secondSHA384 =
    "55c4eb8f495461571eb9807e5b32181ae319346812bda9ffa420a50d212c26614a477d12f65749e8ede63834bacd9f84"
  private static let tenthSHA384 =
    "90455e94489a0370f6ab7af939b15a358350e4871b84821bf145a14fe6bf3922f70611d2ed93ce3305e7359cc5c055ff"

  /// The checksums are zlib's CRC-32 of the text without line ends, as signed numbers.
  static let flyway = AdoptedCase(
    tool: "Flyway",
    files: [
      "V1__first.sql": firstUp, "V2__second_step.sql": secondUp, "V10__tenth.sql": tenthUp, "R__names.sql": view,
      "U1__first.sql": firstDown,
    ],
    ledger: [
      .sqlite: """
      CREATE TABLE "main"."flyway_schema_history" (
        "installed_rank" INT NOT NULL PRIMARY KEY, "version" VARCHAR(50), "description" VARCHAR(200) NOT NULL,
        "type" VARCHAR(20) NOT NULL, "script" VARCHAR(1000) NOT NULL, "checksum" INT,
        "installed_by" VARCHAR(100) NOT NULL,
        "installed_on" TEXT NOT NULL DEFAULT (strftime('%Y-%m-%d %H:%M:%f','now')),
        "execution_time" INT NOT NULL, "success" BOOLEAN NOT NULL);
      CREATE INDEX "main"."flyway_schema_history_s_idx" ON "flyway_schema_history" ("success");
      INSERT INTO flyway_schema_history VALUES (1, '1', 'first', 'SQL', 'V1__first.sql', 783847153, '', '2026-01-01 10:00:00.000', 4, 1);
      """,
      .postgresql: """
      CREATE TABLE "public"."flyway_schema_history" (
        "installed_rank" INT NOT NULL, "version" VARCHAR(50), "description" VARCHAR(200) NOT NULL,
        "type" VARCHAR(20) NOT NULL, "script" VARCHAR(1000) NOT NULL, "checksum" INTEGER,
        "installed_by" VARCHAR(100) NOT NULL, "installed_on" TIMESTAMP NOT NULL DEFAULT now(),
        "execution_time" INTEGER NOT NULL, "success" BOOLEAN NOT NULL);
      ALTER TABLE "public"."flyway_schema_history" ADD CONSTRAINT "flyway_schema_history_pk" PRIMARY KEY ("installed_rank");
      CREATE INDEX "flyway_schema_history_s_idx" ON "public"."flyway_schema_history" ("success");
      INSERT INTO flyway_schema_history VALUES (1, '1', 'first', 'SQL', 'V1__first.sql', 783847153, 'postgres', now(), 4, true);
      """,
    ],
    query: both(
      """
      SELECT installed_rank, version, description, type, script, checksum,
        CASE WHEN installed_by IN ('', 'postgres') THEN 'user' END, CASE WHEN installed_on IS NULL THEN 'never' ELSE 'then' END,
        CASE WHEN execution_time >= 0 THEN 'time' END, CASE WHEN success THEN 'ok' END
      FROM flyway_schema_history ORDER BY installed_rank
      """),
    expected: """
      1|1|first|SQL|V1__first.sql|783847153|user|then|time|ok
      2|2|second step|SQL|V2__second_step.sql|1579028098|user|then|time|ok
      3|10|tenth|SQL|V10__tenth.sql|-161832489|user|then|time|ok
      4||names|SQL|R__names.sql|1266347911|user|then|time|ok
      """, expectedAfterDown: nil)
}

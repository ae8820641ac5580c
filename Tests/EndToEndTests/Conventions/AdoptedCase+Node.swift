import Testing

/// Prisma and Drizzle: tables and rows are those of their sources, which `docs/conventions.md` names; the checksums are those
/// that sha256sum gives.
extension AdoptedCase {
  static let prisma = AdoptedCase(
    tool: "Prisma",
    files: [
      "20260101100000_first/migration.sql": firstUp, "20260102100000_second_step/migration.sql": secondUp,
      "20260110100000_tenth/migration.sql": tenthUp,
    ],
    ledger: [
      .sqlite: """
      CREATE TABLE "_prisma_migrations" (
        "id" TEXT PRIMARY KEY NOT NULL, "checksum" TEXT NOT NULL, "finished_at" DATETIME, "migration_name" TEXT NOT NULL,
        "logs" TEXT, "rolled_back_at" DATETIME, "started_at" DATETIME NOT NULL DEFAULT current_timestamp,
        "applied_steps_count" INTEGER UNSIGNED NOT NULL DEFAULT 0);
      INSERT INTO _prisma_migrations VALUES ('68984ba5-db42-48c5-800b-71fa3b075f5e', '\(firstSHA256)', 1767261600490,
        '20260101100000_first', NULL, NULL, 1767261600474, 1);
      """,
      .postgresql: """
      CREATE TABLE _prisma_migrations (
        id VARCHAR(36) PRIMARY KEY NOT NULL, checksum VARCHAR(64) NOT NULL, finished_at TIMESTAMPTZ,
        migration_name VARCHAR(255) NOT NULL, logs TEXT, rolled_back_at TIMESTAMPTZ,
        started_at TIMESTAMPTZ NOT NULL DEFAULT now(), applied_steps_count INTEGER NOT NULL DEFAULT 0);
      INSERT INTO _prisma_migrations VALUES ('68984ba5-db42-48c5-800b-71fa3b075f5e', '\(firstSHA256)',
        '2026-01-01 10:00:00.49+00', '20260101100000_first', NULL, NULL, '2026-01-01 10:00:00.474+00', 1);
      """,
    ],
    query: [
      .sqlite: prismaQuery("typeof(finished_at)", "typeof(started_at)"),
      .postgresql: prismaQuery("'integer'", "'integer'"),
    ],
    expected: """
      36|\(firstSHA256)|then|20260101100000_first|||integer|integer|1
      36|\(secondSHA256)|then|20260102100000_second_step|||integer|integer|1
      36|\(tenthSHA256)|then|20260110100000_tenth|||integer|integer|1
      """, expectedAfterDown: nil, first: "20260101100000", second: "20260102100000")

  private static func prismaQuery(_ finished: String, _ started: String) -> String {
    """
    SELECT length(id), checksum, CASE WHEN finished_at >= started_at THEN 'then' END, migration_name, logs, rolled_back_at,
      \(finished), \(started), applied_steps_count
    FROM _prisma_migrations ORDER BY started_at, migration_name
    """
  }

  private static let firstSHA256 = "fe6301d08fb5ffbb84cc5a8cff056a0a2f120b09080bbaa48038c7c4e60572ad"
  private static let secondSHA256 = "43bdd6063f1d98bcd6c0ae2cb21336bbbc2d6851da366cd7369b441dd3605c21"
  private static let tenthSHA256 = "56c67bc0e2aa257633642609d463c7b98ed1316b64909e34c02194e66f6dfd51"

  /// drizzle-kit's mark between two statements, behind the first.
  private static func broken(_ sql: String) -> String {
    sql.replacing(";\n", with: ";\n--> statement-breakpoint\n", maxReplacements: 1)
  }

  private static let firstBrokenSHA256 = "13f7c2594a49f9d290cabc2adc083e1b3d7ec04b42407040ea1938a14a16baec"
  private static let secondBrokenSHA256 = "33d5025e3dd96b546253927e29925238fbc20db2003fd9fd3f0ad83069eb211d"
  private static let tenthBrokenSHA256 = "8e5c2948d786b439f91cd7280876ea6b8e4627b3c40e510c78ce14a74239a478"

  static func drizzleJournal(_ dialect: String) -> String {
    let entries = [
      ("0000_first", 1_767_261_600_123), ("0001_second_step", 1_767_348_000_456), ("0002_tenth", 1_768_039_200_789),
    ]
    let shown = entries.enumerated().map { index, entry in
      """
          {
            "idx": \(index),
            "version": "6",
            "when": \(entry.1),
            "tag": "\(entry.0)",
            "breakpoints": true
          }
      """
    }
    return """
      {
        "version": "7",
        "dialect": "\(dialect)",
        "entries": [
      \(shown.joined(separator: ",\n"))
        ]
      }
      """
  }

  /// The journal says which engine it is for.
  static func drizzle(_ engine: AdoptedEngine) -> AdoptedCase {
    let table = engine == .sqlite ? "__drizzle_migrations" : "drizzle.__drizzle_migrations"
    let id = engine == .sqlite ? "coalesce(id, 0)" : "0"
    return AdoptedCase(
      tool: "Drizzle",
      files: [
        "0000_first.sql": broken(firstUp), "0001_second_step.sql": broken(secondUp), "0002_tenth.sql": broken(tenthUp),
        "meta/_journal.json": drizzleJournal(engine.rawValue),
        "meta/0002_snapshot.json": #"{"version": "6", "id": "c3", "prevId": "b2", "tables": {}}"#,
      ],
      ledger: [
        .sqlite: """
        CREATE TABLE IF NOT EXISTS "__drizzle_migrations" (id SERIAL PRIMARY KEY, hash text NOT NULL, created_at numeric);
        INSERT INTO "__drizzle_migrations" ("hash", "created_at") VALUES ('\(firstBrokenSHA256)', 1767261600123);
        """,
        .postgresql: """
        CREATE SCHEMA IF NOT EXISTS "drizzle";
        CREATE TABLE IF NOT EXISTS "drizzle"."__drizzle_migrations" (
          id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint);
        INSERT INTO "drizzle"."__drizzle_migrations" ("hash", "created_at") VALUES ('\(firstBrokenSHA256)', 1767261600123);
        """,
      ],
      query: [engine: "SELECT \(id), hash, created_at FROM \(table) ORDER BY created_at"],
      expected: """
        0|\(firstBrokenSHA256)|1767261600123
        0|\(secondBrokenSHA256)|1767348000456
        0|\(tenthBrokenSHA256)|1768039200789
        """, expectedAfterDown: nil, first: "0000_first", second: "0001_second_step")
  }

  static func drizzleFolders(_ engine: AdoptedEngine) -> AdoptedCase {
    let table = engine == .sqlite ? "__drizzle_migrations" : "drizzle.__drizzle_migrations"
    let moment = engine == .sqlite ? "applied_at LIKE '____-__-__T__:__:__.___Z'" : "applied_at IS NOT NULL"
    let names = ["20260101100000_first", "20260102100000_second_step", "20260110100000_tenth"]
    var files: [String: String] = [:]
    for (name, sql) in zip(names, [firstUp, secondUp, tenthUp]) {
      files[name + "/migration.sql"] = broken(sql)
      files[name + "/snapshot.json"] = #"{"version": "7", "id": "c3", "prevIds": ["b2"], "ddl": []}"#
    }
    return AdoptedCase(
      tool: "Drizzle", files: files,
      ledger: [
        .sqlite: """
        CREATE TABLE IF NOT EXISTS "__drizzle_migrations" (
          id INTEGER PRIMARY KEY, hash text NOT NULL, created_at numeric, name text, applied_at TEXT);
        INSERT INTO "__drizzle_migrations" ("hash", "created_at", "name", "applied_at")
          VALUES ('\(firstBrokenSHA256)', 1767261600000, '20260101100000_first', '2026-01-01T10:00:00.000Z');
        """,
        .postgresql: """
        CREATE SCHEMA IF NOT EXISTS "drizzle";
        CREATE TABLE IF NOT EXISTS "drizzle"."__drizzle_migrations" (
          id SERIAL PRIMARY KEY, hash text NOT NULL, created_at bigint, name text,
          applied_at timestamp with time zone DEFAULT now());
        INSERT INTO "drizzle"."__drizzle_migrations" ("hash", "created_at", "name")
          VALUES ('\(firstBrokenSHA256)', 1767261600000, '20260101100000_first');
        """,
      ],
      query: [
        engine: "SELECT id, hash, created_at, name, CASE WHEN \(moment) THEN 'then' END FROM \(table) ORDER BY id"
      ],
      expected: """
        1|\(firstBrokenSHA256)|1767261600000|20260101100000_first|then
        2|\(secondBrokenSHA256)|1767348000000|20260102100000_second_step|then
        3|\(tenthBrokenSHA256)|1768039200000|20260110100000_tenth|then
        """, expectedAfterDown: nil, first: "20260101100000", second: "20260102100000")
  }
}

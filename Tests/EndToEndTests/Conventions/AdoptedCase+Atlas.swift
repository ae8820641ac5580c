import Testing

/// Atlas: table and rows are those of its sources, which `docs/conventions.md` names; the hashes are those that sha256sum and
/// base64 give of the names and texts.
extension AdoptedCase {
  static let atlas = AdoptedCase(
    tool: "Atlas",
    files: [
      "20260101100000_first.sql": firstUp, "20260102100000_second_step.sql": secondUp,
      "20260110100000_tenth.sql": tenthUp,
      "atlas.sum": """
      h1:B872eznqtETv8AAfgws1YSVaTFCdtxaAv1hv/tj2xZo=
      20260101100000_first.sql h1:\(firstHash)
      20260102100000_second_step.sql h1:\(secondHash)
      20260110100000_tenth.sql h1:\(tenthHash)

      """,
    ],
    ledger: [
      .sqlite: """
      CREATE TABLE `atlas_schema_revisions` (`version` text NOT NULL, `description` text NOT NULL,
        `type` integer NOT NULL DEFAULT (2), `applied` integer NOT NULL DEFAULT (0), `total` integer NOT NULL DEFAULT (0),
        `executed_at` datetime NOT NULL, `execution_time` integer NOT NULL, `error` text NULL, `error_stmt` text NULL,
        `hash` text NOT NULL, `partial_hashes` json NULL, `operator_version` text NOT NULL, PRIMARY KEY (`version`));
      INSERT INTO atlas_schema_revisions VALUES ('20260101100000', 'first', 2, 2, 2,
        '2026-01-01 10:00:00.123456789+00:00', 1234567, '', '', '\(firstHash)', 'null', 'Atlas CLI v0.31.0');
      """,
      .postgresql: """
      CREATE SCHEMA "atlas_schema_revisions";
      CREATE TABLE "atlas_schema_revisions"."atlas_schema_revisions" (
        "version" character varying NOT NULL, "description" character varying NOT NULL, "type" bigint NOT NULL DEFAULT 2,
        "applied" bigint NOT NULL DEFAULT 0, "total" bigint NOT NULL DEFAULT 0, "executed_at" timestamptz NOT NULL,
        "execution_time" bigint NOT NULL, "error" text NULL, "error_stmt" text NULL, "hash" character varying NOT NULL,
        "partial_hashes" jsonb NULL, "operator_version" character varying NOT NULL, PRIMARY KEY ("version"));
      INSERT INTO atlas_schema_revisions.atlas_schema_revisions VALUES ('20260101100000', 'first', 2, 2, 2,
        '2026-01-01 10:00:00.123456+00', 1234567, '', '', '\(firstHash)', 'null', 'Atlas CLI v0.31.0');
      """,
    ],
    query: [
      .sqlite: atlasQuery("atlas_schema_revisions"),
      .postgresql: atlasQuery("atlas_schema_revisions.atlas_schema_revisions"),
    ],
    expected: """
      20260101100000|first|2|2|2|then|time|||\(firstHash)|null
      20260102100000|second_step|2|2|2|then|time|||\(secondHash)|null
      20260110100000|tenth|2|2|2|then|time|||\(tenthHash)|null
      """,
    expectedAfterDown: nil,
    // As `atlas migrate set` writes them.
    expectedAfterBaseline: """
      20260101100000|first|4|0|0|then|time|||\(firstHash)|null
      20260102100000|second_step|4|0|0|then|time|||\(secondHash)|null
      20260110100000|tenth|2|2|2|then|time|||\(tenthHash)|null
      """,
    first: "20260101100000", second: "20260102100000")

  private static func atlasQuery(_ table: String) -> String {
    """
    SELECT version, description, type, applied, total, CASE WHEN executed_at IS NULL THEN 'never' ELSE 'then' END,
      CASE WHEN execution_time >= 0 THEN 'time' END, error, error_stmt, hash, partial_hashes
    FROM \(table) ORDER BY version
    """
  }

  private static let firstHash = "ukM7EnYvi27G0395pMXGEP6dscbujnDzwBIx+riGJpA="
  private static let secondHash = "EQig6Hj2ckQ9Xna76kuomR4foJaqCTzZbW8dwbP7zWg="
  private static let tenthHash = "ARE7cp3ZpDsvpYKpT9MQLMi4gPk29ynSyK4QOFk54gI="
}

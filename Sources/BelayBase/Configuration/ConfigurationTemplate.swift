/// What `belay init` writes.
package enum ConfigurationTemplate {
  /// With a target and a folder of migrations in the place of the comments that show how to write them.
  /// - Parameters:
  ///   - targets: names and URLs; all but the first one stay comments.
  ///   - directory: of the migrations; nil: the default.
  package static func text(targets: [(name: String, url: String)], directory: String?) -> String {
    var text = text
    if !targets.isEmpty {
      let lines = targets.enumerated().map { "\($0 == 0 ? " " : "#") \($1.name): \(scalar($1.url))" }
      text = text.replacing("#  shop: sqlite:shop.db", with: lines.joined(separator: "\n"), maxReplacements: 1)
    }
    if let directory {
      text = text.replacing("#  dir: migrations  ", with: "  dir: \(scalar(directory))  ", maxReplacements: 1)
    }
    return text
  }

  /// Quoted where YAML could take it for something else.
  private static func scalar(_ text: String) -> String {
    let plain = text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "/:._-${}@%=&?".contains($0)) }
    let isPlain = plain && text.first.map { $0.isLetter || $0 == "$" || $0 == "/" } ?? false && !text.contains(": ")
    return isPlain ? text : "'" + text.replacing("'", with: "''") + "'"
  }

  /// YAML that reads as an empty configuration: every key is there, in a comment, with what holds without it.
  package static let text = """
    # belay.yaml: which databases belay protects, and how. Every key is optional. Relative paths start at this file's folder.
    # All keys are explained in docs/configuration.md.

    # The databases. With one target, commands need no name. ${NAME} is an environment variable:
    # keep passwords there.
    targets:
    #  shop: sqlite:shop.db
    #  warehouse:
    #    url: postgres://belay:${WAREHOUSE_PASSWORD}@db.example.com/warehouse
    #    options:              # for the driver
    #      lock_timeout_ms: 2000

    # The folder of the archives, the runs and the audit log.
    # store: backups

    migrations:
    #  dir: migrations         # *.sql, in the order of their names; _down_ files are skipped unless named
    #  convention: plain       # default: as the folder and the database show it; see docs/conventions.md
    #  ledger: belay_migrations
    #  lock_timeout: 5s
    #  statement_timeout: 0    # no limit

    # What `belay prune` keeps of the store, for each target by itself. Backups that you make are kept unless you say otherwise.
    # previous_databases: how long to keep a database after a restored backup has been swapped in for it.
    retention:
    #  archives:
    #    manual: { keep_last: 3, keep_daily: 7, keep_weekly: 4, keep_monthly: 12 }
    #    before-migration: { keep_within: 30d, keep_last: 3 }
    #  failed_runs: 24h
    #  previous_databases: 24h   # or forever

    # Other places to which archives are copied when they are made: folders, and what rclone reaches.
    # See docs/object-storage.md.
    repositories:
    #  nas: /mnt/nas/backups
    #  offsite: { url: "rclone:b2:company-backups/shop", required: true }

    # Values of the rows that checks find stand in a run's report only if row_values is true.
    report:
    #  row_values: false

    # What a backup holds: native, sql, csv, json.
    # formats: [native, sql, csv]

    # What must hold, without SQL (docs/checks.md lists the templates) or as a query that must return no rows, or the expected
    # value. when: before a migration, after it, both (the default), or never: then only `belay check` runs it.
    # A check that already failed before a migration does not make it fail, unless the result gets worse.
    checks:
    #  - not_null: { table: customers, column: mail }
    #  - unique: { table: customers, column: mail }
    #  - name: no order without a customer
    #    sql: SELECT id FROM orders WHERE customer_id NOT IN (SELECT id FROM customers)
    #  - name: one open invoice at most
    #    sql: SELECT count(*) FROM invoices WHERE open
    #    expect: 1
    #    when: after

    # Data-quality queries. Their results appear in the report of every run. The same keys as for checks.
    audit:
    #  - name: customers without mail
    #    sql: SELECT id FROM customers WHERE mail IS NULL

    # Queries whose plans must not get worse: no new scan of a whole table with more than `rows` rows.
    plans:
    #  - name: orders of a customer
    #    sql: SELECT * FROM orders WHERE customer_id = 1
    #    rows: 10000
    #    fail: true            # default: only a warning

    # Rows that the report shows before a migration and after it, without the values of the columns in mask.
    spot_checks:
    #  - name: newest orders
    #    sql: SELECT id, customer_id, cents FROM orders ORDER BY id DESC LIMIT 5
    #    mask: [customer_id]

    # Commands that a migration executes before or after one of its stations. One that fails after `apply` puts everything back.
    hooks:
    #  - command: ./smoke-test.sh
    #    when: after apply
    #    timeout: 2m
    #  - command: systemctl start shop
    #    when: after run
    #    on: always

    # What `belay watch` does: how often, how old a last backup and its proof may be, and whom it notifies of changes.
    watch:
    #  every: 5m
    #  max_age: 26h
    #  max_proof_age: 31d
    #  max_removable: 20       # archives that `belay prune` would remove
    #  on_change:
    #    - command: mail -s "$BELAY_TARGET $BELAY_CHECK $BELAY_STATUS" ops@example.com

    # collateral: a migration may change the tables that its statements name; any other change must be declared.
    # strict: every loss must be declared, with `-- belay: allow-loss TABLE` or --allow-loss TABLE.
    # contract: collateral

    # For whom archives are encrypted, by age: public keys, or files of them. identity_file is a private key.
    encryption:
    #  recipients: [recipients.txt]
    #  identity_file: key.txt

    # Folders to search for drivers, before the usual ones.
    # driver_path: [drivers]

    """
}

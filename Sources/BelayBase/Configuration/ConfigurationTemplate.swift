/// What `belay init` writes.
package enum ConfigurationTemplate {
  /// YAML that reads as an empty configuration: every key is there, in a comment, with what holds without it.
  package static let text = """
    # belay.yaml: what belay looks after, and how. Every key is optional. Paths start at this file's folder.
    # All keys are explained in docs/configuration.md.

    # The databases. With one target, commands need no name. ${NAME} is an environment variable:
    # keep passwords there.
    targets:
    #  shop: sqlite:shop.db
    #  warehouse:
    #    url: postgres://belay:${WAREHOUSE_PASSWORD}@db.example.com/warehouse
    #    options:              # for the driver
    #      connect_timeout: 10

    # Where archives, runs and the audit log lie.
    # store: backups

    migrations:
    #  dir: migrations         # *.sql in order of name; _down_ files are skipped unless named
    #  ledger: belay_migrations
    #  lock_timeout: 5s
    #  statement_timeout: 0    # no limit

    # How long a database stays that its restored backup was swapped in for, where the engine swaps.
    retention:
    #  previous_databases: 24h

    # What a backup holds: native, sql, csv, json.
    # formats: [native, sql, csv]

    # Queries that must return nothing, or the value expected. When: before, after or both (the default).
    # A check that fails before a migration already does not count against it unless it gets worse.
    checks:
    #  - name: no order without a customer
    #    sql: SELECT id FROM orders WHERE customer_id NOT IN (SELECT id FROM customers)
    #  - name: one open invoice at most
    #    sql: SELECT count(*) FROM invoices WHERE open
    #    expect: 1
    #    when: after

    # Data-quality queries whose answers stand in the report of every run. The same shape as checks.
    audit:
    #  - name: customers without mail
    #    sql: SELECT id FROM customers WHERE mail IS NULL

    # Queries whose plans must not get worse: no new scan of a whole table with more rows than that.
    plans:
    #  - name: orders of a customer
    #    sql: SELECT * FROM orders WHERE customer_id = 1
    #    rows: 10000
    #    fail: true            # else it is a warning

    # collateral: what a migration's own statements name may shrink; all else must be declared.
    # strict: every loss must be declared, with `-- belay: allow-loss TABLE` or --allow-loss TABLE.
    # contract: collateral

    # Folders to look for drivers in, before the usual ones.
    # driver_path: [drivers]

    """
}

import BelayDrivers
import DriverTesting
import Testing

@Suite struct FootprintTests {
  static let schema = """
    CREATE TABLE parents(id int PRIMARY KEY, a int); CREATE TABLE log(x int);
    CREATE TABLE children(id int PRIMARY KEY, p int REFERENCES parents ON DELETE CASCADE);
    CREATE FUNCTION tell() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN INSERT INTO log VALUES (1); RETURN NEW; END';
    CREATE TRIGGER t AFTER UPDATE ON parents FOR EACH ROW EXECUTE FUNCTION tell();
    CREATE SCHEMA s; CREATE TABLE s.parted(a int) PARTITION BY RANGE (a);
    CREATE TABLE s.part1 PARTITION OF s.parted FOR VALUES FROM (0) TO (10);
    CREATE TABLE s.part2 PARTITION OF s.parted FOR VALUES FROM (10) TO (20); CREATE VIEW v AS SELECT 1 AS x;
    INSERT INTO parents SELECT g, g FROM generate_series(1, 10) g; INSERT INTO children SELECT g, g FROM generate_series(1, 10) g;
    INSERT INTO s.parted VALUES (1);
    """

  private func look(_ connection: Connection) throws -> [String: TableFootprint] {
    let found = try #require(try connection.footprint(operation: Operation()))
    return Dictionary(uniqueKeysWithValues: found.map { ("\($0.schema).\($0.table)", $0) })
  }

  private func counts(_ footprint: TableFootprint?) -> [Int64] {
    footprint.map { [$0.inserted, $0.updated, $0.deleted] } ?? []
  }

  @Test func `rows are counted by table, those of cascades, triggers and partitions too`() throws {
    let sample = try Sample(Self.schema)
    let connection = try sample.connect()
    defer { connection.close() }
    // Written before the transaction: not its own, though the server still has them in its counters.
    try connection.run("INSERT INTO log VALUES (1); INSERT INTO log VALUES (2)")
    #expect(try look(connection).values.allSatisfy { counts($0) == [0, 0, 0] && $0.lock == nil })
    try connection.run("BEGIN")
    #expect(try look(connection).values.allSatisfy { counts($0) == [0, 0, 0] })
    try connection.run("DELETE FROM parents WHERE id < 3; UPDATE parents SET a = 0; UPDATE s.parted SET a = 11")
    let now = try look(connection)
    #expect(Set(now.keys) == ["public.parents", "public.log", "public.children", "s.part1", "s.part2"])
    #expect(counts(now["public.parents"]) == [0, 8, 2])
    #expect(counts(now["public.children"]) == [0, 0, 2])
    #expect(counts(now["public.log"]) == [8, 0, 0])
    #expect(counts(now["s.part1"]) == [0, 0, 1])
    #expect(counts(now["s.part2"]) == [1, 0, 0])
    try connection.run("COMMIT")
    #expect(try look(connection).values.allSatisfy { counts($0) == [0, 0, 0] })
    // The next one begins anew.
    try connection.run("BEGIN; DELETE FROM parents WHERE id = 3")
    #expect(counts(try look(connection)["public.parents"]) == [0, 0, 1])
    try connection.run("ROLLBACK; BEGIN")
    #expect(counts(try look(connection)["public.parents"]) == [0, 0, 0])
    try connection.run("ROLLBACK")
  }

  @Test func `others' rows are not counted`() throws {
    let sample = try Sample(Self.schema)
    let connection = try sample.connect()
    defer { connection.close() }
    try connection.run("BEGIN; UPDATE parents SET a = 1 WHERE id = 1")
    try sample.psql("INSERT INTO log SELECT generate_series(1, 100); DELETE FROM children WHERE id > 5")
    let now = try look(connection)
    #expect(counts(now["public.log"]) == [1, 0, 0])
    #expect(counts(now["public.children"]) == [0, 0, 0])
    try connection.run("ROLLBACK")
  }

  static let locking: [(String, String?, TableFootprint.Blocked)] = [
    ("SELECT * FROM parents", "AccessShareLock", .nothing),
    ("SELECT * FROM parents FOR UPDATE", "RowShareLock", .nothing),
    ("UPDATE parents SET a = 1", "RowExclusiveLock", .nothing),
    ("ANALYZE parents", "ShareUpdateExclusiveLock", .nothing),
    ("CREATE INDEX ON parents(a)", "ShareLock", .writes),
    (
      "CREATE TRIGGER u BEFORE INSERT ON parents FOR EACH ROW EXECUTE FUNCTION tell()", "ShareRowExclusiveLock", .writes
    ),
    ("LOCK TABLE parents IN EXCLUSIVE MODE", "ExclusiveLock", .writes),
    ("ALTER TABLE parents ADD b int; SELECT * FROM parents", "AccessExclusiveLock", .everything),
  ]

  @Test(arguments: locking)
  func `the strongest lock is reported, and what it blocks`(
    _ sql: String, _ lock: String?, _ blocks: TableFootprint.Blocked
  ) throws {
    let sample = try Sample(Self.schema)
    let connection = try sample.connect()
    defer { connection.close() }
    try connection.run("BEGIN; \(sql)")
    let found = try #require(try look(connection)["public.parents"])
    #expect(found.lock == lock)
    #expect(found.blocks == blocks)
    try connection.run("ROLLBACK")
  }

  @Test(arguments: [
    ("TRUNCATE log", true), ("ALTER TABLE log ALTER x TYPE bigint", true),
    ("ALTER TABLE log ADD y int DEFAULT 3", false),
    ("DELETE FROM log", false), ("CLUSTER parents USING parents_pkey", false), ("ALTER TABLE log SET UNLOGGED", true),
  ])
  func `a table that was rewritten or emptied has another storage`(_ sql: String, _ changes: Bool) throws {
    let sample = try Sample(Self.schema + "; INSERT INTO log VALUES (1)")
    let connection = try sample.connect()
    defer { connection.close() }
    try connection.run("BEGIN")
    let before = try look(connection)["public.log"]?.storage
    try connection.run(sql)
    #expect((try look(connection)["public.log"]?.storage != before) == changes)
    try connection.run("ROLLBACK")
    #expect(try look(connection)["public.log"]?.storage == before)
  }
}

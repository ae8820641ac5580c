import BelayDrivers
import DriverTesting
import Testing

@Suite struct ExplainTests {
  static let schema = """
    CREATE TABLE users(id int PRIMARY KEY, name text); CREATE SCHEMA app; CREATE TABLE app.jobs(id int, user_id int);
    INSERT INTO users SELECT g, 'x' || g FROM generate_series(1, 5000) g; ANALYZE;
    """

  @Test func `a plan says which tables are scanned completely`() throws {
    let sample = try Sample(Self.schema)
    let connection = try sample.connect()
    defer { connection.close() }
    let scan = try #require(try connection.explain("SELECT * FROM users WHERE name = 'x1'", operation: Operation()))
    #expect(scan.map(\.table) == ["public.users"])
    #expect(scan.map(\.isFullScan) == [true])
    #expect(scan[0].detail.contains("Seq Scan on public.users"))
    #expect(scan[0].rows == 1)
    let search = try #require(try connection.explain("SELECT * FROM users WHERE id = 1;", operation: Operation()))
    #expect(search.map(\.isFullScan) == [false])
    #expect(search[0].detail.contains("users_pkey"))
    let join = try #require(
      try connection.explain(
        "SELECT * FROM users u JOIN app.jobs j ON j.user_id = u.id ORDER BY u.name", operation: Operation()))
    #expect(join.first?.depth == 0)
    #expect(Set(join.filter(\.isFullScan).compactMap(\.table)).isSuperset(of: ["app.jobs"]))
    #expect((join.map(\.depth).max() ?? 0) >= 2)
  }

  @Test func `a statement is planned and not run`() throws {
    let sample = try Sample(Self.schema)
    let connection = try sample.connect()
    defer { connection.close() }
    #expect(
      try connection.explain("DELETE FROM users", operation: Operation())?.first?.detail.hasPrefix("ModifyTable")
        == true)
    for two in ["SELECT 1; DELETE FROM users", "", "\\d", "ANALYZE SELECT 1; SELECT 1"] {
      let failed = try failure { _ = try connection.explain(two, operation: Operation()) }
      #expect(failed.code == .invalid, "\(two)")
    }
    #expect(
      try failure { _ = try connection.explain("ANALYZE DELETE FROM users", operation: Operation()) }.code == .sql)
    #expect(try connection.first("SELECT count(*) FROM users") == .integer(5000))
  }

  @Test func `a query that has no plan leaves the transaction as it was`() throws {
    let sample = try Sample(Self.schema)
    let connection = try sample.connect()
    defer { connection.close() }
    try connection.run("BEGIN; UPDATE users SET name = 'y' WHERE id = 1")
    #expect(try failure { _ = try connection.explain("SELECT * FROM nowhere", operation: Operation()) }.code == .sql)
    #expect(try connection.first("SELECT name FROM users WHERE id = 1") == .text("y"))
    try connection.run("ROLLBACK")
  }
}

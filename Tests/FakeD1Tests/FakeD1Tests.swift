import DriverTesting
import Foundation
import Testing

/// The fake must do as D1's API does: else what is tested against it proves nothing.
struct FakeD1Tests {
  /// Plain HTTP against what is known of the API.
  @Test(arguments: ["test_query", "test_tasks", "test_travel", "test_faults", "test_life"])
  func `the fake does as the API does`(check: String) throws {
    try Compiler.run("python3", ["-B", "\(Compiler.repository)/Tests/FakeD1Tests/Checks/\(check).py"])
  }

  @Test func `an account is a world of its own`() throws {
    let fake = try FakeD1.shared()
    let mine = try fake.makeAccount(["rate_calls": 5])
    let other = try fake.makeAccount()
    let database = try mine.makeDatabase("shop", "CREATE TABLE t (a); INSERT INTO t VALUES (1.5), (x'00'), ('it''s')")
    #expect(try database.sql("SELECT a FROM t") == [["1.5"], ["X'00'"], ["'it''s'"]])
    #expect(try database.content().contains("t: 'it''s'"))
    #expect(try mine.databases().map(\.name) == ["shop"])
    #expect(try other.databases().isEmpty)
    #expect(try database.bookmarks().count == 2)
    let before = try database.bookmarks()
    try database.sql("DELETE FROM t")
    #expect(try database.bookmarks().dropLast() == before)
  }

  @Test func `faults, counts, log and tokens are reached`() throws {
    let account = try FakeD1.shared().makeAccount()
    let database = try account.makeDatabase()
    let path = "/client/v4/accounts/\(account.id)/d1/database"
    func get(_ path: String, token: String) throws -> Int {
      let headers = ["Authorization: Bearer \(token)"]
      return try LoopbackHTTP.send("GET", path, headers: headers, port: account.fake.port).status
    }
    try account.arm(FakeD1Fault(.html, .getDatabase, at: 2, details: ["status": 504]))
    let statuses = try (0..<3).map { _ in try get("\(path)/\(database.id)", token: account.token) }
    #expect(statuses == [200, 504, 200])
    try account.addToken("limited", refused: [.listDatabases])
    #expect(try get(path, token: "limited") == 403)
    #expect(try account.counts()["get_database"] == 3)
    #expect(try account.log().map(\.status) == [200, 504, 200, 403])
    #expect(try account.log()[1].fault == .html)
    try account.arm(FakeD1Fault(.cut))
    #expect(throws: FakeD1.Failure.self) { try get(path, token: account.token) }
    try account.arm(FakeD1Fault(.rateLimit, times: nil))
    try account.disarm()
    try account.resetCounts()
    #expect(try get(path, token: account.token) == 200)
    #expect(try account.counts() == ["api": 1, "list_databases": 1])
  }

  @Test func `the calls and faults named here are those of the fake`() throws {
    let account = try FakeD1.shared().makeAccount()
    let kinds = try account.fake.control("GET", "\(account.id)/faults/kinds") as? [String: Any] ?? [:]
    #expect(Set(kinds.keys) == Set(FakeD1Fault.Kind.allCases.map(\.rawValue)))
    let calls = try account.fake.control("GET", "\(account.id)/faults/calls") as? [String] ?? []
    #expect(Set(calls) == Set(FakeD1Call.allCases.map(\.rawValue)))
  }

  @Test func `a setting that is not there is refused`() throws {
    #expect(throws: FakeD1.Failure.self) { try FakeD1.shared().makeAccount(["rate_cals": 5]) }
  }

  @Test func `it ends with its object`() throws {
    var fake: FakeD1? = try FakeD1()
    let port = try #require(fake?.port)
    fake = nil
    let ended = (0..<100).contains { _ in
      usleep(50_000)
      return (try? LoopbackHTTP.send("GET", "/_fake/none", port: port)) == nil
    }
    #expect(ended)
  }
}

import Foundation

/// An account of a fake D1, and what a test may look at and change behind the API's back.
package final class FakeD1Account: Sendable {
  package let fake: FakeD1
  package let id: String
  package let token: String
  /// For X-Auth-Email and X-Auth-Key.
  package let email: String
  package let key: String

  init(fake: FakeD1, settings: [String: any Sendable]) throws {
    self.fake = fake
    let card = try fake.control("POST", "accounts", ["settings": settings]) as? [String: String] ?? [:]
    guard let id = card["account"], let token = card["token"], let email = card["email"], let key = card["key"] else {
      throw FakeD1.Failure(description: "the fake D1 made no account")
    }
    (self.id, self.token, self.email, self.key) = (id, token, email, key)
  }

  package var baseURL: String { fake.baseURL }

  /// Changes settings (Tests/FakeD1/settings.py).
  package func set(_ settings: [String: any Sendable]) throws {
    _ = try control("POST", "settings", settings)
  }

  /// A token that has no right to some kinds of call.
  package func addToken(_ token: String, refused: [FakeD1Call] = []) throws {
    _ = try control("POST", "tokens", ["token": token, "refused": refused.map(\.rawValue)])
  }

  /// Moves the clock of this account on: for limits, expiry and Time Travel.
  package func advanceClock(seconds: Double) throws {
    _ = try control("POST", "clock", ["advance": seconds])
  }

  // MARK: Databases

  /// Makes a database, with what SQL makes in it.
  package func makeDatabase(_ name: String = freshName(), _ sql: String = "") throws -> FakeD1Database {
    let card = try control("POST", "databases", ["name": name, "sql": sql]) as? [String: String] ?? [:]
    guard let id = card["uuid"], let path = card["path"] else {
      throw FakeD1.Failure(description: "the fake D1 made no database")
    }
    return FakeD1Database(account: self, id: id, name: name, path: path)
  }

  /// Every database that is there now, by name.
  package func databases() throws -> [FakeD1Database] {
    let cards = try control("GET", "databases") as? [[String: Any]] ?? []
    return cards.compactMap { card in
      guard let id = card["uuid"] as? String, let name = card["name"] as? String, let path = card["path"] as? String
      else { return nil }
      return FakeD1Database(account: self, id: id, name: name, path: path)
    }.sorted { $0.name < $1.name }
  }

  /// A name for a database that no other test uses.
  package static func freshName(_ label: String = "test") -> String {
    label + "-" + UUID().uuidString.prefix(8).lowercased()
  }

  // MARK: What was asked of it

  /// Calls by kind, and: "api" (all calls of the API), "rate_limited", "faults", "imports_run", "credentials_leaked"
  /// (requests to signed URLs that carried credentials).
  package func counts() throws -> [String: Int] {
    try control("GET", "counts") as? [String: Int] ?? [:]
  }

  /// Forgets counts and log.
  package func resetCounts() throws { _ = try control("DELETE", "counts") }

  package func log() throws -> [FakeD1Request] {
    let records = try control("GET", "log") as? [[String: Any]] ?? []
    return records.map { record in
      FakeD1Request(
        kind: record["kind"] as? String ?? "", path: record["path"] as? String ?? "",
        body: record["body"] as? String ?? "", status: record["status"] as? Int ?? 0,
        fault: (record["fault"] as? String).flatMap(FakeD1Fault.Kind.init))
    }
  }

  // MARK: Faults

  package func arm(_ faults: FakeD1Fault...) throws {
    for fault in faults { _ = try control("POST", "faults", fault.body) }
  }

  package func disarm() throws { _ = try control("DELETE", "faults") }

  func control(_ method: String, _ path: String, _ body: [String: any Sendable] = [:]) throws -> Any {
    try fake.control(method, "\(id)/\(path)", body)
  }
}

package struct FakeD1Request: Sendable {
  /// A FakeD1Call, or "unknown".
  package let kind: String
  package let path: String
  /// The first 200,000 bytes of it.
  package let body: String
  /// Of the answer; 0 if none went out.
  package let status: Int
  package let fault: FakeD1Fault.Kind?
}

package struct FakeD1Database: Sendable {
  package let account: FakeD1Account
  package let id: String
  package let name: String
  /// The SQLite file that holds it.
  package let path: String

  /// Runs SQL past the API, its limits and blocks. The last statement's rows, with cells as SQL literals.
  @discardableResult
  package func sql(_ sql: String) throws -> [[String]] {
    let answer = try account.control("POST", "sql", ["database": id, "sql": sql]) as? [String: Any]
    return answer?["rows"] as? [[String]] ?? []
  }

  /// Schema and rows as text: equal text, equal content.
  package func content() throws -> String {
    let answer = try account.control("POST", "content", ["database": id]) as? [String: String]
    return answer?["text"] ?? ""
  }

  /// Makes it what it was at a bookmark, past the API and its limits.
  package func travel(to bookmark: String) throws {
    _ = try account.control("POST", "travel", ["database": id, "bookmark": bookmark])
  }

  /// Removes it.
  package func delete() throws { _ = try account.control("DELETE", "databases", ["database": id]) }

  /// Of every version, the oldest first.
  package func bookmarks() throws -> [String] {
    let answer = try account.control("POST", "bookmarks", ["database": id]) as? [String: [String]]
    return answer?["bookmarks"] ?? []
  }
}

import BelayDriverKit
import SQLiteDialect

/// A database of an account, through the REST API.
final class RemoteDatabase: Engine {
  let api: API
  let uuid: String
  let name: String

  init(_ card: DatabaseCard, _ api: API) {
    self.api = api
    uuid = card.uuid
    name = card.name
  }

  var key: String { uuid }

  /// The databases of the account.
  var directory: Directory { Directory(api: api) }

  /// As the API lists it now.
  var card: DatabaseCard? {
    get throws(DriverFailure) { try directory.card(uuid) }
  }

  func describe(_ traits: inout Traits) throws(DriverFailure) {
    traits.serverName = "Cloudflare D1"
    let card = try card
    traits.serverVersion = card?.version ?? ""
    traits.databaseBytes = card?.bytes ?? 0
    traits.identity = "d1:\(api.account)/\(uuid)"
  }

  /// In one call of /raw.
  func answers(
    _ statements: [String], _ kind: API.Kind, shielded: Bool
  ) throws(CallFailure) -> [StatementAnswer] {
    struct Body: Encodable {
      struct Item: Encodable { let sql: String }
      let batch: [Item]
    }
    let body = Body(batch: statements.map { Body.Item(sql: $0) })
    let envelope = try api.call(
      "POST", "/\(uuid)/raw", body: body, kind, subject: name, shielded: shielded, as: [StatementAnswer].self)
    guard let answers = envelope.result, answers.count >= statements.count else {
      throw CallFailure(
        DriverFailure(.io, "D1's reply contains fewer results than statements were sent"), .unknown)
    }
    if let failed = answers.first(where: { !$0.succeeded }) {
      let words = D1Words(failed.error)
      throw CallFailure(words.failure, words.work, isTransient: words.isTransient)
    }
    return answers
  }

  func bookmark() throws(CallFailure) -> String { try bookmark(at: nil) }

  /// The bookmark at or before a moment, in the API's format; nil: now.
  func bookmark(at timestamp: String?) throws(CallFailure) -> String {
    let envelope = try api.call(
      "GET", "/\(uuid)/time_travel/bookmark", query: timestamp.map { [("timestamp", $0)] } ?? [], .repeatable,
      subject: name, as: BookmarkAnswer.self)
    guard let bookmark = envelope.result?.bookmark, isBookmark(bookmark) else {
      throw CallFailure(DriverFailure(.io, "D1's reply contains no bookmark"), .answered)
    }
    return bookmark
  }

  func runFile(
    for connection: D1Connection, opening: [String], _ content: FileContent
  ) throws(DriverFailure) {
    try Importer.run(connection, self, opening: opening, content)
  }

  /// Returns the database to a bookmark.
  /// - Returns: the bookmark that undoes this, according to D1.
  func travel(to bookmark: String, shielded: Bool = false) throws(CallFailure) -> String? {
    let envelope = try api.call(
      "POST", "/\(uuid)/time_travel/restore", query: [("bookmark", bookmark)], .once, subject: name, shielded: shielded,
      as: BookmarkAnswer.self)
    guard let answer = envelope.result else {
      throw CallFailure(
        DriverFailure(.io, "D1's reply does not say whether the database was returned to the bookmark \(bookmark)"),
        .unknown)
    }
    return answer.previous
  }
}

/// The form of a bookmark: 8-8-8-32 hex digits.
func isBookmark(_ text: String) -> Bool {
  let parts = text.split(separator: "-", omittingEmptySubsequences: false)
  return parts.map(\.utf8.count) == [8, 8, 8, 32]
    && parts.allSatisfy { part in
      part.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0 | 0x20) }
    }
}

import BelayDriverKit

/// The databases of an account.
struct Directory {
  let api: API

  /// The database with exactly this name or id; nil if there is none.
  func find(_ nameOrID: String) throws(DriverFailure) -> DatabaseCard? {
    if isUUID(nameOrID) { return try card(nameOrID) }
    var (page, seen, found): (Int, Int, [DatabaseCard]) = (1, 0, [])
    while true {
      let envelope: Envelope<[DatabaseCard]>
      do throws(CallFailure) {
        envelope = try api.call(
          "GET", query: [("name", nameOrID), ("page", String(page)), ("per_page", "100")], .repeatable,
          subject: nameOrID)
      } catch {
        throw error.failure
      }
      let cards = envelope.result ?? []
      seen += cards.count
      // The API searches for names that contain this one.
      found += cards.filter { $0.name == nameOrID }
      if cards.isEmpty || cards.count < 100 && seen >= (envelope.info?.total ?? 0) { break }
      page += 1
    }
    guard found.count < 2 else {
      throw DriverFailure(
        .invalid, "the name \(nameOrID) matches \(found.count) databases: \(found.map(\.uuid).joined(separator: ", "))",
        hint: "use the database's id in the URL")
    }
    return found.first
  }

  /// The description of a database by its id; nil if there is none.
  func card(_ id: String) throws(DriverFailure) -> DatabaseCard? {
    do throws(CallFailure) {
      return try api.call("GET", "/\(percentEncoded(id))", .repeatable, subject: id, as: DatabaseCard.self).result
    } catch {
      if error.failure.code == .notFound { return nil }
      throw error.failure
    }
  }

  func create(_ name: String) throws(DriverFailure) -> DatabaseCard {
    struct Body: Encodable { let name: String }
    var patience = Patience(api.settings)
    while true {
      let failure: CallFailure
      do throws(CallFailure) {
        let envelope = try api.call("POST", body: Body(name: name), .once, subject: name, as: DatabaseCard.self)
        if let card = envelope.result { return card }
        throw CallFailure(
          DriverFailure(.io, "Cloudflare's reply does not say whether the database \(name) was created"), .unknown,
          isTransient: true)
      } catch {
        failure = error
      }
      // It may have been created anyway: names are unique.
      guard case .unknown = failure.work else { throw failure.failure }
      if let card = try find(name) { return card }
      guard failure.isTransient, case .tryAgain = patience.wait(api.watch, after: failure) else {
        throw failure.ofWrite
      }
    }
  }

  /// Does nothing if it does not exist.
  func delete(_ id: String, name: String) throws(DriverFailure) {
    do throws(CallFailure) {
      _ = try api.call("DELETE", "/\(percentEncoded(id))", .repeatable, subject: name, as: Nothing.self)
    } catch {
      if error.failure.code != .notFound { throw error.ofWrite }
    }
  }
}

import BelayDriverKit
import SQLiteDialect

/// What stands before the name of every scratch database.
private let scratchMark = "belay-"

extension D1Connection: ScratchMaking {
  func createScratch(_ name: String, operation: Operation) throws(DriverFailure) -> String {
    try during(operation) { () throws(DriverFailure) in
      try refuseReadOnly()
      let scratch = try scratchName(name)
      let directory = Directory(api: api)
      guard try directory.find(scratch) == nil else {
        throw DriverFailure(.constraint, "the scratch database \(scratch) exists already")
      }
      _ = try directory.create(scratch)
      return url(of: scratch)
    }
  }

  func locateScratch(_ name: String, operation: Operation) throws(DriverFailure) -> String {
    url(of: try scratchName(name))
  }

  func promoteScratch(_ url: String, operation: Operation) throws(DriverFailure) {
    throw DriverFailure(
      .unsupported, "D1 cannot put one database in another one's place", hint: "go back by Time Travel")
  }

  func dropScratch(_ url: String, operation: Operation) throws(DriverFailure) {
    try during(operation) { () throws(DriverFailure) in
      guard case .remote(account, let scratch) = try Target(url: url), scratch.hasPrefix(scratchMark),
        scratch.hasSuffix(mark)
      else { throw DriverFailure(.invalid, "\(url) is not a scratch database of \(name)'s") }
      let directory = Directory(api: api)
      guard let card = try directory.find(scratch) else { return }
      try directory.delete(card.uuid, name: scratch)
    }
  }

  func probe(_ feature: Feature, operation: Operation) throws(DriverFailure) {
    guard feature == .scratch, settings.isReadOnly else { return }
    throw DriverFailure(.denied, "\(name) is opened read-only")
  }

  private func url(of database: String) -> String { "d1://\(account)/\(percentEncoded(database))" }

  /// Databases of different ids never share a scratch database.
  private var mark: String { "-\(uuid.prefix(8).lowercased())" }

  private func scratchName(_ name: String) throws(DriverFailure) -> String {
    guard name.utf8.allSatisfy(isPlain), !name.isEmpty, name.utf8.count <= 100 else {
      throw DriverFailure(.invalid, "\(name) is no name for a scratch database", hint: "use letters, digits and -")
    }
    let full = "\(scratchMark)\(name)\(mark)"
    guard full.utf8.count > 63 else { return full }
    let hash = name.utf8.reduce(UInt64(0xcbf2_9ce4_8422_2325)) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    return "\(scratchMark)\(name.prefix(28))-\(String(hash, radix: 16))\(mark)"
  }
}

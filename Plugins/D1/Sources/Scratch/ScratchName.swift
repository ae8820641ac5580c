import BelayDriverKit

/// The name of a scratch database, which says whose it is: databases of different ids never share one.
struct ScratchName: Equatable {
  /// What stands before the name of every scratch database.
  static let mark = "belay-"
  /// As the account, or a file, has it.
  let full: String

  /// - Parameter name: the host's.
  init(_ name: String, of owner: RemoteDatabase) throws(DriverFailure) {
    guard name.utf8.allSatisfy(isPlain), !name.isEmpty, name.utf8.count <= 100 else {
      throw DriverFailure(
        .invalid, "\(name) is not a valid name for a scratch database", hint: "use letters, digits and -")
    }
    let long = "\(Self.mark)\(name)\(Self.ending(owner))"
    // D1 takes names of at most 63 bytes.
    guard long.utf8.count > 63 else {
      full = long
      return
    }
    let hash = String(Fingerprint(of: name).value, radix: 16)
    full = "\(Self.mark)\(name.prefix(28))-\(hash)\(Self.ending(owner))"
  }

  /// Refuses what is no scratch database of the owner's.
  init(url: String, of owner: RemoteDatabase) throws(DriverFailure) {
    guard case .remote(owner.api.account, let full) = try Target(url: url), full.hasPrefix(Self.mark),
      full.hasSuffix(Self.ending(owner))
    else { throw DriverFailure(.invalid, "\(url) is not a scratch database of \(owner.name)") }
    self.full = full
  }

  func url(account: String) -> String { "d1://\(account)/\(percentEncoded(full))" }

  private static func ending(_ owner: RemoteDatabase) -> String { "-\(owner.uuid.prefix(8).lowercased())" }
}

import BelayDriverKit

/// The name of a scratch database, which identifies its owner: databases with different ids never share one.
struct ScratchName: Equatable {
  /// The prefix of the name of every scratch database.
  static let mark = "belay-"
  /// The complete name, in the account or of a file.
  let full: String

  /// - Parameter name: the host's.
  init(_ name: String, of owner: RemoteDatabase) throws(DriverFailure) {
    guard name.utf8.allSatisfy(isPlain), !name.isEmpty, name.utf8.count <= 100 else {
      throw DriverFailure(
        .invalid, "\(name) is not a valid name for a scratch database", hint: "use letters, digits and -")
    }
    let long = "\(Self.mark)\(name)\(Self.ending(owner))"
    // D1 accepts names of at most 63 bytes.
    guard long.utf8.count > 63 else {
      full = long
      return
    }
    let hash = String(Fingerprint(of: name).value, radix: 16)
    full = "\(Self.mark)\(name.prefix(28))-\(hash)\(Self.ending(owner))"
  }

  /// Refuses what is not a scratch database of the owner.
  init(url: String, of owner: RemoteDatabase) throws(DriverFailure) {
    guard case .remote(owner.api.account, let full) = try Target(url: url), full.hasPrefix(Self.mark),
      full.hasSuffix(Self.ending(owner))
    else { throw DriverFailure(.invalid, "\(url) is not a scratch database of \(owner.name)") }
    self.full = full
  }

  func url(account: String) -> String { "d1://\(account)/\(percentEncoded(full))" }

  private static func ending(_ owner: RemoteDatabase) -> String { "-\(owner.uuid.prefix(8).lowercased())" }
}

import BelayDriverKit

/// The name of a scratch database: `belay_NAME_HASH`. The hash says which target it belongs to.
///
/// The hash is of the target's name alone: its OID changes when a scratch database is swapped in, and a host that was
/// killed at that moment must still find the scratch database by its name.
struct ScratchName {
  /// PostgreSQL truncates names to this many bytes.
  private static let longest = 63

  /// The database's name.
  let database: String

  /// The name of a scratch of `target`.
  init(_ name: String, of target: String) throws(DriverFailure) {
    let isSafe = name.utf8.allSatisfy { byte in
      switch byte {
      case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"): true
      default: false
      }
    }
    guard isSafe, !name.isEmpty, name.utf8.count <= 200 else {
      throw DriverFailure(
        .invalid, "\(name) is not a valid name for a scratch database", hint: "use letters, digits and -")
    }
    let room = Self.longest - Self.mark.utf8.count - Self.ending(target).utf8.count
    // The end of a name that is too long is hashed, so that two long names do not become equal.
    let short = name.utf8.count <= room ? name : String(name.prefix(room - 9)) + "_" + Self.hash(name)
    database = Self.mark + short + Self.ending(target)
  }

  /// Accepts only a database with the name of a scratch of `target`.
  init(existing database: String, of target: String) throws(DriverFailure) {
    guard database.hasPrefix(Self.mark), database.hasSuffix(Self.ending(target)),
      database.utf8.count > Self.mark.utf8.count + Self.ending(target).utf8.count
    else {
      throw DriverFailure(.invalid, "database \(database) is not a scratch database of \(target)")
    }
    self.database = database
  }

  private static let mark = "belay_"

  private static func ending(_ target: String) -> String { "_" + hash(target) }

  /// Folded to eight hexadecimal digits.
  private static func hash(_ text: String) -> String {
    let hash = Fingerprint(of: text).value
    let digits = String((hash ^ hash >> 32) & 0xffff_ffff, radix: 16)
    return String(repeating: "0", count: 8 - digits.count) + digits
  }
}

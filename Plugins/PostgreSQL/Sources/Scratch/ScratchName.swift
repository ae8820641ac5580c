import BelayDriverKit

/// What a scratch database is called: `belay_NAME_HASH`, the hash telling whose scratch it is.
///
/// The hash is of the target's name alone: its oid becomes another one when a scratch is promoted, and a host that was
/// killed just then must still find the scratch by its name.
struct ScratchName {
  /// PostgreSQL cuts names after so many bytes.
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
    // Of a name that is too long the end is hashed: two long names must not become one.
    let short = name.utf8.count <= room ? name : String(name.prefix(room - 9)) + "_" + Self.hash(name)
    database = Self.mark + short + Self.ending(target)
  }

  /// Takes only a database that is called as a scratch of `target` is.
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

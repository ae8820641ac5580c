import BelayDriverKit
import CPostgreSQL

/// The large objects that a program reads, one after the other and each by four calls: `lo_open`, `loread` until there is
/// nothing more, `lo_close`. Most calls are answered without the server, which is asked for the beginnings of many objects
/// at once.
struct LentLargeObjects {
  /// From pg_dump 17 on, those of one owner and with the same rights come one after the other.
  private let areByRights: Bool
  /// Those that are open, by the program's numbers for them.
  private var open: [Int32: LentLargeObject] = [:]
  private var lastDescriptor: Int32 = 0
  /// The beginnings of those that the program will probably ask for next.
  private var ahead: [UInt32: [UInt8]] = [:]

  /// Of each object: as much as pg_dump asks for at a time, so that small ones come whole.
  private static let beginning = 16 << 10
  /// How many at once: with their beginnings, at most 2 MiB.
  private static let together = 128

  /// - Parameter version: the program's.
  init(forProgram version: Int) { areByRights = version >= 17 }

  /// - Returns: the number for it, nil where the server refuses; that is in the answer then.
  mutating func open(
    _ number: UInt32, _ link: Link, _ answer: inout ProgramMessages
  ) throws(DriverFailure) -> Int32? {
    if ahead[number] == nil {
      guard try fetch(from: number, link, &answer) else { return nil }
    }
    guard let bytes = ahead.removeValue(forKey: number) else {
      answer.error("ERROR", "42704", "large object \(number) does not exist")
      return nil
    }
    lastDescriptor += 1
    open[lastDescriptor] = LentLargeObject(number, beginning: bytes, isWhole: bytes.count < Self.beginning)
    return lastDescriptor
  }

  mutating func close(_ descriptor: Int32) { open[descriptor] = nil }

  /// The next bytes, at most so many; none at the end.
  /// - Returns: nil where that is not possible; why is in the answer then.
  mutating func read(
    _ descriptor: Int32, _ count: Int32, _ link: Link, _ answer: inout ProgramMessages
  ) throws(DriverFailure) -> ArraySlice<UInt8>? {
    guard open[descriptor] != nil else {
      answer.error("ERROR", "42704", "large object descriptor \(descriptor) is not open")
      return nil
    }
    return try open[descriptor]?.take(max(0, Int(count)), link, &answer)
  }

  /// Has the beginnings of this one and of those after it. What was read ahead before and not asked for is forgotten.
  /// - Returns: false where the server refuses.
  private mutating func fetch(
    from number: UInt32, _ link: Link, _ answer: inout ProgramMessages
  ) throws(DriverFailure) -> Bool {
    ahead = [:]
    let isAlike =
      areByRights
      ? """
      AND pg_catalog.concat(o.lomowner, o.lomacl) = (SELECT pg_catalog.concat(f.lomowner, f.lomacl)
        FROM pg_catalog.pg_largeobject_metadata f WHERE f.oid = $1::oid)
      """ : ""
    let rows = try link.lend(
      """
      SELECT o.oid, pg_catalog.lo_get(o.oid, 0, \(Self.beginning)) FROM
      (SELECT o.oid FROM pg_catalog.pg_largeobject_metadata o WHERE o.oid >= $1::oid \(isAlike)
        ORDER BY o.oid LIMIT \(Self.together)) o
      """, [String(number)], &answer)
    guard let rows else { return false }
    for row in rows { ahead[row[0].reduce(0) { $0 << 8 | UInt32($1) }] = row[1] }
    return true
  }
}

/// A large object that a program reads on.
private struct LentLargeObject {
  private let number: UInt32
  private var piece: ArraySlice<UInt8>
  /// How much of it has come.
  private var offset: Int
  private var isWhole: Bool

  /// What is asked for at a time of one that is longer than its beginning.
  private static let pieceSize = 256 << 10

  init(_ number: UInt32, beginning: [UInt8], isWhole: Bool) {
    self.number = number
    self.isWhole = isWhole
    piece = beginning[...]
    offset = beginning.count
  }

  /// The next bytes, at most so many; none at the end. nil where the server refuses.
  mutating func take(
    _ count: Int, _ link: Link, _ answer: inout ProgramMessages
  ) throws(DriverFailure) -> ArraySlice<UInt8>? {
    if piece.isEmpty, !isWhole {
      let rows = try link.lend(
        "SELECT pg_catalog.lo_get($1::oid, $2::int8, \(Self.pieceSize))", [String(number), String(offset)], &answer)
      guard let bytes = rows?.first?.first else { return nil }
      offset += bytes.count
      isWhole = bytes.count < Self.pieceSize
      piece = bytes[...]
    }
    defer { piece = piece.dropFirst(count) }
    return piece.prefix(count)
  }
}

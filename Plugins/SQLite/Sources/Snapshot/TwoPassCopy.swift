import BelayDriverKit
import CSQLite
import SQLiteDialect

/// Copies a database in rollback-journal mode, where nobody can commit while somebody reads.
///
/// The first pass reads the file in short transactions, between which others write. If nobody has written, that is the
/// copy. Otherwise the second pass compares the file with the copy in one transaction, and copies again what differs. To
/// compare takes a fraction of the time that copying takes, and that is how long others wait.
struct TwoPassCopy: ~Copyable {
  /// Bytes per transaction of the first pass: a few milliseconds.
  private static let copiedAtOnce: Int64 = 8 << 20

  private let live: Database
  private let file: LockedFile
  private let copy: CopiedFile
  private let what: String

  /// Makes the file at `path` a copy of the database, from one instant.
  /// - Returns: false if the database is in WAL mode: its file alone is no instant of it. Somebody may turn to that mode
  ///   at any moment.
  static func make(of live: Database, into path: String, _ what: String) throws(DriverFailure) -> Bool {
    let made = TwoPassCopy(live: live, file: try LockedFile(live), copy: try CopiedFile(path), what: what)
    switch try made.firstPass() {
    case .whole: return true
    case .writtenTo:
      return try made.reading { () throws(DriverFailure) in
        try made.copy.catchUp(with: made.file, size: try made.bytes(), live.watch, what)
      }
    case .isWAL: return false
    }
  }

  private enum FirstPass { case whole, writtenTo, isWAL }

  private borrowing func firstPass() throws(DriverFailure) -> FirstPass {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: Int(Self.copiedAtOnce), alignment: 4096)
    defer { buffer.deallocate() }
    var version: Int64?
    var isSteady = true
    var place: Int64 = 0
    while true {
      var size: Int64 = 0
      var part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<0])
      let isRead = try reading { () throws(DriverFailure) in
        let now = try live.integer("PRAGMA data_version")
        isSteady = isSteady && (version ?? now) == now
        version = now
        size = try bytes()
        part = UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(min(Self.copiedAtOnce, max(0, size - place)))])
        try file.read(into: part, at: place)
      }
      guard isRead else { return .isWAL }
      try copy.write(UnsafeRawBufferPointer(part), at: place)
      place += Int64(part.count)
      live.watch.progress(Int(place), of: Int(size), what)
      if place >= size {
        try copy.end(at: size)
        return isSteady ? .whole : .writtenTo
      }
    }
  }

  /// Runs `body`; nobody can commit meanwhile.
  /// - Returns: false if the database is in WAL mode; then `body` did not run.
  private borrowing func reading(_ body: () throws(DriverFailure) -> Void) throws(DriverFailure) -> Bool {
    var perseverance = Perseverance(live.watch)
    while true {
      try live.watch.check()
      try live.run("BEGIN")
      // BEGIN alone reads nothing; this takes the lock.
      let code = sqlite3_exec(live.handle, "SELECT 1 FROM sqlite_schema LIMIT 1", nil, nil, nil)
      if code == SQLITE_OK { break }
      let failure = live.failure(code)
      sqlite3_exec(live.handle, "ROLLBACK", nil, nil, nil)
      guard perseverance.triesAgain(after: code) else { throw failure }
    }
    // It has only read, and what made `body` fail is reported.
    defer { sqlite3_exec(live.handle, "ROLLBACK", nil, nil, nil) }
    guard try live.text("PRAGMA main.journal_mode") != "wal" else { return false }
    try body()
    return true
  }

  private borrowing func bytes() throws(DriverFailure) -> Int64 {
    try live.integer("PRAGMA page_count") * live.integer("PRAGMA page_size")
  }
}

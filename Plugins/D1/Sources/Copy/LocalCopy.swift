import BelayDriverKit
import CSQLite
import Glibc
import SQLiteDialect

/// One instant of a database, as an exact copy in a SQLite file, because D1 has no snapshots.
final class LocalCopy {
  let path: String
  let database: Database
  /// Of the instant.
  let bookmark: String
  /// The file is removed with the copy.
  private let ownsFile: Bool

  init(_ path: String, ownsFile: Bool, watch: Watch) throws(DriverFailure) {
    self.path = path
    self.ownsFile = ownsFile
    database = try Database(readingCopy: path, watch: watch)
    bookmark = try database.text("SELECT bookmark FROM \(OwnTable.instant)")
  }

  /// Makes a copy of a SQLite file that was never in D1, or of one that was: it is of no instant.
  static func mark(_ path: String, watch: Watch) throws(DriverFailure) {
    let file = try Database(path, flags: SQLITE_OPEN_READWRITE, watch: watch)
    defer { file.close() }
    try file.run(
      "PRAGMA journal_mode=DELETE; PRAGMA synchronous=OFF;"
        + " CREATE TABLE IF NOT EXISTS \(OwnTable.instant) (database TEXT, name TEXT, bookmark TEXT);"
        + " DELETE FROM \(OwnTable.instant); INSERT INTO \(OwnTable.instant) VALUES ('', '', '')")
  }

  func close() {
    database.close()
    if ownsFile { unlink(path) }
  }
}

/// Makes a copy: reads the bookmark, all rows, and the bookmark again. If it changed, somebody has written meanwhile.
struct Copying {
  let connection: D1Connection

  func make() throws(DriverFailure) -> TemporaryFile {
    var (previous, lastBookmark): ([String]?, String) = (nil, "")
    for attempt in 1...connection.settings.copyAttempts {
      let file = try TemporaryFile(in: connection.copyFolder, prefix: ".\(connection.engine.key).belay-copy")
      let before = try connection.currentBookmark()
      let digest: [String]
      do throws(DriverFailure) {
        digest = try fill(file.path, before)
      } catch {
        // A schema that changed meanwhile causes errors of its own.
        guard try connection.currentBookmark() != before, [.sql, .io, .busy].contains(error.code),
          attempt < connection.settings.copyAttempts
        else { throw error }
        say(attempt)
        continue
      }
      let after = try connection.currentBookmark()
      if after == before { return file }
      // Bookmarks may change although nothing was written. Two consecutive readings with equal content are as good.
      if let previous, previous == digest, lastBookmark <= before { return file }
      (previous, lastBookmark) = (digest, after)
      say(attempt)
    }
    throw DriverFailure(
      .busy,
      "somebody wrote to \(connection.name) each of the \(connection.settings.copyAttempts) times that it was read",
      hint: "try again when fewer programs write, or increase copy_attempts")
  }

  private func say(_ attempt: Int) {
    connection.watch.log(
      .notice, "somebody wrote to \(connection.name) while it was read: reading it again (attempt \(attempt + 1))")
  }

  /// - Returns: the content's digest, per table.
  private func fill(_ path: String, _ bookmark: String) throws(DriverFailure) -> [String] {
    let remote = try RemoteSchema.read(connection)
    if SystemFile.size(of: path) != 0 { truncate(path, 0) }
    let local = try Database(path, flags: SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, watch: connection.watch)
    defer { local.close() }
    // Nobody else uses the file, and after a crash it is deleted: no journal, no waiting for the disk.
    try local.run("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA locking_mode=EXCLUSIVE; BEGIN")
    try remote.makeTables(in: local)
    let schema = try Schema(of: local, readsVirtual: true)
    var (digests, counts): ([String], [(table: String, rows: Int64)]) = (remote.entries.map(\.sql), [])
    let tables = schema.copiedTables
    for (number, name) in tables.enumerated() {
      connection.watch.progress(number, of: tables.count, "reading \(connection.name)")
      guard let table = schema.tables[name] else { continue }
      let (rows, digest) = try copy(name, table, into: local)
      counts.append((name, rows))
      digests.append("\(name) \(rows) \(digest)")
    }
    try check(counts)
    for entry in remote.entries where entry.isVirtual && VirtualTable(entry).isExternal {
      try local.run("INSERT INTO \(SQLQuote.name(entry.name))(\(SQLQuote.name(entry.name))) VALUES('rebuild')")
    }
    try remote.makeRest(in: local)
    try local.run(
      "CREATE TABLE \(OwnTable.instant) (database TEXT, name TEXT, bookmark TEXT);"
        + " INSERT INTO \(OwnTable.instant) VALUES"
        + " (\(SQLQuote.literal(connection.engine.key)), \(SQLQuote.literal(connection.name)), \(SQLQuote.literal(bookmark))); COMMIT"
    )
    return digests
  }

  private func copy(
    _ name: String, _ table: Schema.Table, into local: Database
  ) throws(DriverFailure) -> (Int64, UInt64) {
    var columns = table.columns.filter { !$0.isGenerated }.map(\.name)
    if let rowid = table.implicitRowid { columns.insert(rowid, at: 0) }
    guard let pages = TablePages(connection, table: name, columns: columns, table) else {
      throw DriverFailure(.internal, "\(name) has a primary key without columns")
    }
    if table.isInternal(name) { try local.run("DELETE FROM \(SQLQuote.name(name))") }
    let places = columns.map { _ in "?" }.joined(separator: ",")
    let insert = try local.prepare(
      "INSERT INTO \(SQLQuote.name(name)) (\(columns.map { SQLQuote.name($0) }.joined(separator: ","))) VALUES (\(places))"
    )
    var (rows, digest): (Int64, UInt64) = (0, 0)
    try pages.read { (values) throws(DriverFailure) in
      for (index, value) in values.enumerated() { try insert.bind(value, at: Int32(index + 1)) }
      while try insert.step() {}
      sqlite3_reset(insert.handle)
      rows += 1
      digest &+= values.fingerprint
    }
    return (rows, digest)
  }

  /// Compares row counts, because a truncated page would look like the end of the table.
  private func check(_ counts: [(table: String, rows: Int64)]) throws(DriverFailure) {
    for start in stride(from: 0, to: counts.count, by: 50) {
      let part = counts[start..<min(start + 50, counts.count)]
      let columns = part.map { "(SELECT count(*) FROM \(SQLQuote.name($0.table)))" }.joined(separator: ",")
      let answer = try connection.ask("SELECT \(columns)").first ?? []
      guard answer.map(\.number) == part.map(\.rows) else {
        throw DriverFailure(
          .busy, "\(connection.name) does not have as many rows as were read", hint: "somebody is writing; try again")
      }
    }
  }
}

extension Schema {
  /// The tables whose rows are copied: ordinary ones, virtual ones with content of their own, and the counters of
  /// AUTOINCREMENT.
  var copiedTables: [String] {
    entries.filter { entry in
      guard entry.type == "table", !RemoteSchema.isHidden(entry.name) else { return false }
      switch tables[entry.name]?.form {
      case .virtual: return VirtualTable(entry).hasRows
      case .table: return !entry.isInternal || entry.name.lowercased() == "sqlite_sequence"
      default: return false
      }
    }.map(\.name)
  }
}

extension Schema.Table {
  func isInternal(_ name: String) -> Bool { name.lowercased() == "sqlite_sequence" }
}

extension [D1Value] {
  /// For comparing two readings.
  fileprivate var fingerprint: UInt64 {
    var print = Fingerprint()
    func add(_ kind: UInt8, _ number: UInt64) {
      print.add(kind)
      print.add(number)
    }
    for value in self {
      switch value {
      case .null: print.add(UInt8(0))
      case .integer(let number): add(1, UInt64(bitPattern: number))
      case .real(let number): add(2, number.bitPattern)
      case .text(let text):
        add(3, UInt64(text.utf8.count))
        print.add(text.utf8)
      case .rawText(let bytes):
        add(3, UInt64(bytes.count))
        print.add(bytes)
      case .blob(let bytes):
        add(4, UInt64(bytes.count))
        print.add(bytes)
      }
    }
    return print.value
  }
}

extension Statement {
  /// Binds a value exactly.
  borrowing func bind(_ value: D1Value, at index: Int32) throws(DriverFailure) {
    let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)
    func bindText(_ bytes: UnsafeRawBufferPointer) -> Int32 {
      guard let base = bytes.baseAddress else { return sqlite3_bind_text(handle, index, "", 0, nil) }
      return sqlite3_bind_text64(
        handle, index, base.assumingMemoryBound(to: CChar.self), UInt64(bytes.count), transient, UInt8(SQLITE_UTF8))
    }
    let code: Int32
    switch value {
    case .null: code = sqlite3_bind_null(handle, index)
    case .integer(let number): code = sqlite3_bind_int64(handle, index, number)
    case .real(let number): code = sqlite3_bind_double(handle, index, number)
    case .text(var text): code = text.withUTF8 { bindText(UnsafeRawBufferPointer($0)) }
    case .rawText(let bytes): code = bytes.withUnsafeBytes { bindText($0) }
    case .blob(let bytes):
      code = bytes.withUnsafeBytes { bytes in
        guard let base = bytes.baseAddress, !bytes.isEmpty else { return sqlite3_bind_zeroblob(handle, index, 0) }
        return sqlite3_bind_blob64(handle, index, base, UInt64(bytes.count), transient)
      }
    }
    guard code == SQLITE_OK else { throw database.failure(code) }
  }
}

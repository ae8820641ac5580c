import BelayDriverKit
import Glibc
import SQLiteDialect

/// D1's own SQL export. It is not exact: integers beyond 2^53 are rounded, infinity is not valid SQL, and rows come
/// before tables that they refer to. So everything that can be checked is checked: length, MD5, row counts.
struct Export {
  let connection: D1Connection
  let remote: RemoteDatabase

  private struct Body: Encodable {
    struct Options: Encodable {
      let no_data = false
      let no_schema = false
      let tables: [String]
    }
    let output_format = "polling"
    let dump_options: Options
    var current_bookmark: String?
  }

  /// - Parameter view: the instant that it must have; nil: any.
  func fetch(at view: LocalCopy?) throws(DriverFailure) -> TemporaryFile {
    let tables = try ordinaryTables()
    var body = Body(dump_options: .init(tables: tables))
    for attempt in 1... {
      let answer = try finished(&body)
      let file = try download(answer)
      guard let view else {
        try ExportText(file.path).check(connection, tables: tables)
        return file
      }
      guard body.current_bookmark == view.bookmark else {
        throw DriverFailure(
          .busy, "somebody wrote to \(connection.name) between its copy and its export",
          hint: "try again when fewer programs write")
      }
      do throws(DriverFailure) {
        try ExportText(file.path).check(connection, tables: tables)
        return file
      } catch {
        if attempt >= 3 { throw error }
        body.current_bookmark = nil
      }
    }
    throw DriverFailure(.internal, "an export that never ends")
  }

  /// A virtual table makes the whole export fail, and failed exports have blocked databases for hours. So every table
  /// is listed, without virtual ones and their storage.
  private func ordinaryTables() throws(DriverFailure) -> [String] {
    let schema = try Schema(of: connection.schema())
    let tables = schema.entries.filter { entry in
      entry.type == "table" && !entry.isInternal && schema.tables[entry.name]?.form == .table
    }.map(\.name)
    guard !tables.isEmpty else {
      throw DriverFailure(.unsupported, "\(connection.name) has no table that D1 could export")
    }
    return tables
  }

  /// Starts it and polls until it is done: the final reply comes only once, and a task that is not polled is lost.
  private func finished(_ body: inout Body) throws(DriverFailure) -> TaskAnswer {
    let deadline = monotonicMilliseconds() + connection.settings.wire.retryMilliseconds
    var starts = 0
    while true {
      let answer: TaskAnswer
      do throws(CallFailure) {
        let envelope = try remote.api.call(
          "POST", "/\(remote.uuid)/export", body: body, .repeatable, subject: connection.name,
          as: TaskAnswer.self)
        guard let result = envelope.result else {
          throw CallFailure(DriverFailure(.io, "D1's reply about the export is empty"), .unknown)
        }
        answer = result
      } catch {
        // The final reply may have been lost, and will not come again: start over.
        guard error.failure.message.lowercased().contains("not currently exporting"), starts < 3 else {
          throw error.failure
        }
        starts += 1
        body.current_bookmark = nil
        continue
      }
      if answer.hasFailed {
        let words = D1Words(answer.error)
        let isLost = answer.error.lowercased().contains("not currently exporting")
        guard isLost && starts < 3 || words.isTransient && monotonicMilliseconds() < deadline else {
          throw words.failure
        }
        if isLost { starts += 1 }
        body.current_bookmark = nil
      } else {
        if let bookmark = answer.bookmark { body.current_bookmark = bookmark }
        if answer.downloadURL != nil { return answer }
      }
      guard connection.watch.pause(milliseconds: connection.settings.wire.pollMilliseconds) else {
        throw connection.watch.stopFailure(outcome: .notApplied)
      }
    }
  }

  private func download(_ answer: TaskAnswer) throws(DriverFailure) -> TemporaryFile {
    guard let url = answer.downloadURL else { throw DriverFailure(.io, "D1's export has no URL") }
    try SignedURL.check(url, connection)
    for attempt in 1... {
      let file = try TemporaryFile(in: connection.copyFolder, prefix: ".\(remote.uuid).belay-export")
      do throws(DriverFailure) {
        try download(url, into: file.path)
        return file
      } catch {
        // The download differs from the stored file: try once or twice more.
        guard error.code == .corrupt, attempt < 3 else { throw error }
      }
    }
    throw DriverFailure(.internal, "a download that never ends")
  }

  private func download(_ url: String, into path: String) throws(DriverFailure) {
    let descriptor = open(path, O_WRONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw DriverFailure(.io, "cannot write \(path): \(SystemFile.text(of: errno))") }
    defer { close(descriptor) }
    let response: Response
    do throws(CallFailure) {
      response = try remote.api.signed(
        Request(method: "GET", url: url, timeout: nil, target: descriptor), subject: connection.name)
    } catch {
      throw error.failure
    }
    guard response.status == 200 else {
      throw DriverFailure(.io, "the export cannot be downloaded: status \(response.status)", hint: "try again")
    }
    let size = SystemFile.size(of: path) ?? 0
    if let announced = response.headers["content-length"].flatMap({ Int64($0) }), announced != size {
      throw DriverFailure(.corrupt, "the export has \(size) bytes, but \(announced) were announced")
    }
    guard let etag = SignedURL.etag(response) else {
      throw DriverFailure(.corrupt, "the export came without an ETag, so it cannot be checked")
    }
    // The MD5, unless the storage assembled the file from parts.
    guard etag.utf8.count == 32, !etag.utf8.contains(UInt8(ascii: "-")) else { return }
    let md5 = try MD5()
    try MappedFile(path).withBytes { md5.add($0) }
    guard md5.finish() == etag else {
      throw DriverFailure(.corrupt, "the downloaded export differs from the one in the storage")
    }
  }
}

/// The text of an export.
struct ExportText {
  private let path: String

  init(_ path: String) { self.path = path }

  /// Checks that each table has as many INSERTs as rows.
  func check(_ connection: D1Connection, tables: [String]) throws(DriverFailure) {
    var inserted: [String: Int64] = [:]
    try eachStatement { (piece) in
      guard piece.keyword(0) == "INSERT", piece.keyword(1) == "INTO" else { return }
      inserted[piece.name(after: 2), default: 0] += 1
    }
    for start in stride(from: 0, to: tables.count, by: 50) {
      let part = tables[start..<min(start + 50, tables.count)]
      let columns = part.map { "(SELECT count(*) FROM \(SQLQuote.name($0)))" }.joined(separator: ",")
      let answer = try connection.ask("SELECT \(columns)").first ?? []
      for (table, count) in zip(part, answer) where inserted[table, default: 0] != count.number {
        throw DriverFailure(
          .busy, "the export has \(inserted[table, default: 0]) rows of \(table), but the table has \(count.number)",
          hint: "somebody is writing; try again")
      }
    }
  }

  /// Runs the export in a SQLite file of belay's.
  func loaded(in folder: String, watch: Watch) throws(DriverFailure) -> TemporaryFile {
    let file = try TemporaryFile(in: folder, prefix: ".belay-export")
    let database = try Database(file.path, flags: 0x6, watch: watch)
    defer { database.close() }
    try database.run("PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA foreign_keys=OFF; BEGIN")
    do throws(DriverFailure) {
      try eachStatement { (piece) throws(DriverFailure) in
        guard !piece.isUnterminated, let sql = String(validating: piece.bytes, as: UTF8.self) else {
          throw DriverFailure(.corrupt, "line \(piece.line) of the export is incomplete")
        }
        if piece.keyword(0) != "PRAGMA" { try database.run(sql) }
      }
    } catch {
      guard [.sql, .constraint].contains(error.code) else { throw error }
      throw DriverFailure(
        .corrupt, "the export is truncated, or is not valid SQL: \(error.message)",
        hint: "D1's export writes infinity in a form that nothing can read; use native=copy instead")
    }
    try database.run(
      "CREATE TABLE \(OwnTable.instant) (database TEXT, name TEXT, bookmark TEXT);"
        + " INSERT INTO \(OwnTable.instant) VALUES ('', '', ''); COMMIT")
    return file
  }

  private func eachStatement(
    _ body: (ScriptReader.Piece) throws(DriverFailure) -> Void
  ) throws(DriverFailure) {
    try MappedFile(path).withBytes { (bytes) throws(DriverFailure) in
      var reader = ScriptReader(bytes)
      var count = 0
      while let piece = reader.next() {
        try body(piece)
        count += 1
      }
      if count == 0 { throw DriverFailure(.corrupt, "the export is empty") }
    }
  }
}

/// A file of belay's, mapped into memory, because it may be larger than the memory.
struct MappedFile {
  private let path: String

  init(_ path: String) { self.path = path }

  func withBytes<R>(
    _ body: (UnsafeRawBufferPointer) throws(DriverFailure) -> R
  ) throws(DriverFailure) -> R {
    let size = Int(SystemFile.size(of: path) ?? 0)
    if size == 0 { return try body(UnsafeRawBufferPointer(start: nil, count: 0)) }
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { throw DriverFailure(.io, "cannot read \(path): \(SystemFile.text(of: errno))") }
    defer { close(descriptor) }
    let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0)
    guard let address, address != MAP_FAILED else {
      throw DriverFailure(.io, "cannot read \(path): \(SystemFile.text(of: errno))")
    }
    defer { munmap(address, size) }
    return try body(UnsafeRawBufferPointer(start: address, count: size))
  }
}

import BelayDriverKit
import CSQLite
import SQLiteDialect

extension SQLiteConnection: Snapshotting {
  /// The database file itself. The copies of the D1 driver are such files too: an archive of one restores with the other.
  func formats() -> [DumpFormat] {
    [DumpFormat("sqlite_db", fileExtension: "db"), DumpFormat(Self.copyOfD1, fileExtension: "db")]
  }

  private static let copyOfD1 = "d1_copy"

  func dump(
    _ format: String, token: String?, operation: Operation, to sink: ByteSink
  ) throws(DriverFailure) {
    try during(operation) { () throws(DriverFailure) in
      try require(format)
      if let token {
        guard let view, view.path == token else {
          throw DriverFailure(.invalid, "this connection has not acquired or adopted the token \(token)")
        }
        return try TemporaryFile.stream(view.path, to: sink, watch)
      }
      try refuseTransaction("a dump")
      let copy = try snapshot()
      try TemporaryFile.stream(copy.path, to: sink, watch)
    }
  }

  func verify(_ format: String, operation: Operation, from source: ByteSource) throws(DriverFailure) {
    try during(operation) { () throws(DriverFailure) in
      try require(format)
      let copy = try TemporaryFile(in: copyFolder, prefix: ".\(file.name).belay-verify")
      try copy.fill(from: source, watch)
      try DumpCheck.check(copy.path, .full, watch: watch)
    }
  }

  func restore(_ format: String, operation: Operation, from source: ByteSource) throws(DriverFailure) {
    try during(operation) { () throws(DriverFailure) in
      try require(format)
      let copy = try TemporaryFile(
        in: settings.scratchDirectory ?? file.folder, prefix: ".\(file.name).belay-restore")
      try copy.fill(from: source, watch)
      try DumpCheck.check(copy.path, .quick, watch: watch)
      if format == Self.copyOfD1 { try takeOutMark(of: copy.path) }
      try replaceLive(withContentOf: copy.path, operation, "restoring \(file.name)")
    }
  }

  /// Where D1's driver notes the instant of its copy.
  private func takeOutMark(of path: String) throws(DriverFailure) {
    let copy = try Database(path, flags: SQLITE_OPEN_READWRITE, watch: watch)
    defer { copy.close() }
    try copy.run("PRAGMA journal_mode=MEMORY; PRAGMA synchronous=OFF; DROP TABLE IF EXISTS belay_instant")
  }

  private func require(_ format: String) throws(DriverFailure) {
    guard formats().contains(where: { $0.name == format }) else {
      throw DriverFailure(.unsupported, "unknown format \(format)", hint: "this driver dumps sqlite_db")
    }
  }
}

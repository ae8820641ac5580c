import BelayDriverKit
import CSQLite
import SQLiteDialect

extension SQLiteConnection: Snapshotting {
  /// The database file itself.
  func formats() -> [DumpFormat] { [DumpFormat("sqlite_db", fileExtension: "db")] }

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
      try replaceLive(withContentOf: copy.path, operation, "restoring \(file.name)")
    }
  }

  private func require(_ format: String) throws(DriverFailure) {
    guard format == "sqlite_db" else {
      throw DriverFailure(.unsupported, "unknown format \(format)", hint: "this driver dumps sqlite_db")
    }
  }
}

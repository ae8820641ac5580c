import BelayDriverKit
import Glibc
import SQLiteDialect

extension D1Connection: DumpRendering {
  /// An exact copy as a SQLite file, preceded by D1's own export if the option asks for it. Such a copy is known by the name
  /// that the SQLite driver gives its own too: an archive of one restores with the other.
  func formats() -> [DumpFormat] {
    let copy = DumpFormat(Format.copy.rawValue, fileExtension: "db")
    let export = DumpFormat(Format.export.rawValue, fileExtension: "sql")
    let file = DumpFormat(Format.file.rawValue, fileExtension: "db")
    return settings.prefersExport ? [export, copy, file] : [copy, file]
  }

  private enum Format: String {
    case copy = "d1_copy"
    case export = "d1_export"
    case file = "sqlite_db"
  }

  func dump(
    _ format: String, token: String?, operation: Operation, to sink: ByteSink
  ) throws(DriverFailure) {
    try during(operation) { () throws(DriverFailure) in
      let format = try known(format)
      if let token {
        guard let view, view.path == token else {
          throw DriverFailure(.invalid, "this connection has not acquired or adopted the token \(token)")
        }
      }
      switch format {
      case .copy, .file:
        if let view { return try TemporaryFile.stream(view.path, to: sink, watch) }
        let copy = try Copying(connection: self).make()
        try TemporaryFile.stream(copy.path, to: sink, watch)
      case .export:
        let file = try Export(connection: self, remote: remote("export")).fetch(at: view)
        try TemporaryFile.stream(file.path, to: sink, watch)
      }
    }
  }

  func verify(_ format: String, operation: Operation, from source: ByteSource) throws(DriverFailure) {
    try during(operation) { () throws(DriverFailure) in
      let copy = try received(try known(format), source)
      copy.close()
    }
  }

  func restore(_ format: String, operation: Operation, from source: ByteSource) throws(DriverFailure) {
    try during(operation) { () throws(DriverFailure) in
      let copy = try received(try known(format), source)
      defer { copy.close() }
      forgetSchema()
      try Replacing(connection: self, copy: copy).run()
    }
  }

  func renderText(
    _ format: String, operation: Operation, from source: ByteSource, to sink: ByteSink
  ) throws(DriverFailure) {
    try during(operation) { () throws(DriverFailure) in
      let copy = try received(try known(format), source)
      defer { copy.close() }
      try sink.write("PRAGMA foreign_keys=OFF;\n")
      try CopyScript(copy.database, watch: watch).write { (statement) throws(DriverFailure) in
        try sink.write(CanonicalSQL.terminated(statement) + "\n")
      }
    }
  }

  private func known(_ format: String) throws(DriverFailure) -> Format {
    guard let known = Format(rawValue: format) else {
      throw DriverFailure(.unsupported, "unknown format \(format)", hint: "this driver dumps d1_copy and d1_export")
    }
    return known
  }

  /// The dump as a copy, after checking that it is complete and undamaged.
  private func received(_ format: Format, _ source: ByteSource) throws(DriverFailure) -> LocalCopy {
    let file = try TemporaryFile(in: copyFolder, prefix: ".\(engine.key).belay-dump")
    try file.fill(from: source, watch)
    let path: String
    switch format {
    case .copy:
      try DumpCheck.check(file.path, .full, watch: watch)
      path = file.keep()
    case .file:
      try DumpCheck.check(file.path, .full, watch: watch)
      try LocalCopy.mark(file.path, watch: watch)
      path = file.keep()
    case .export:
      path = try ExportText(file.path).loaded(in: copyFolder, watch: watch).keep()
    }
    do throws(DriverFailure) {
      return try LocalCopy(path, ownsFile: true, watch: watch)
    } catch {
      TemporaryFile.remove(path)
      // Undamaged, but not a copy of this kind.
      throw error.code == .sql
        ? DriverFailure(.corrupt, "the dump is a SQLite database, but not a copy of a D1 database") : error
    }
  }
}

import BelayDriverKit
import Glibc

/// A file of INSERT statements is a database with one table, `entry (key TEXT PRIMARY KEY, value TEXT)`.
enum EntryDriver: Driver {
  static let id = "minimal-swift"
  static let version = "1.0.0"
  static let schemes = ["minimal-swift"]

  static func open(
    _ url: String, options: inout Options, operation: Operation
  ) throws(DriverFailure) -> EntryConnection {
    let creates = try options.takeFlag("create", default: false)
    let isReadOnly = try options.takeFlag("read_only", default: false)
    _ = options.take("scratch_dir")
    try options.finish()
    let file = try EntryFile(String(url.drop { $0 != ":" }.dropFirst()), mayBeNew: creates)
    if creates, try !file.load().rows.isEmpty { throw DriverFailure(.constraint, "\(file.path) is not empty") }
    _ = try file.load()
    return EntryConnection(file: file, isReadOnly: isReadOnly)
  }
}

/// One open file. It has only the mandatory core. A type that also conforms to `ScriptSplitting`, `Snapshotting` … has
/// that extension.
final class EntryConnection: DriverConnection {
  private let file: EntryFile
  private let isReadOnly: Bool

  init(file: EntryFile, isReadOnly: Bool) {
    self.file = file
    self.isReadOnly = isReadOnly
  }

  func traits() throws(DriverFailure) -> Traits {
    var traits = Traits()
    traits.serverName = "minimal-swift"
    traits.serverVersion = "1.0.0"
    traits.isReadOnly = isReadOnly
    traits.identity = file.path
    return traits
  }

  func execute(_ sql: String, operation: Operation) throws(DriverFailure) -> Int64? {
    try change { (table) throws(DriverFailure) in try table.run(sql, operation: operation) }
  }

  func execute(_ sql: String, rows: Parameters, operation: Operation) throws(DriverFailure) -> Int64? {
    try change { (table) throws(DriverFailure) in
      var changed: Int64 = 0
      for row in 0..<rows.rowCount {
        changed += try table.run(sql, values: try rows.texts(row), operation: operation)
      }
      return changed
    }
  }

  func query(
    _ sql: String, parameters: Parameters?, operation: Operation, into rows: RowWriter
  ) throws(DriverFailure) {
    let values = try parameters?.texts(0) ?? []
    let found = try file.load().select(sql, values: values)
    try rows.columns([.init("key", nativeType: "TEXT"), .init("value", nativeType: "TEXT")])
    for row in found {
      try operation.check()
      try rows.text(row.key)
      try rows.text(row.value)
      try rows.endRow()
    }
  }

  func catalog(operation: Operation, into objects: ObjectWriter) throws(DriverFailure) {
    // The table is part of every file, so there is no ddl, and nothing to create before rows are restored.
    try objects.write(
      SchemaObject(kind: "table", name: "entry", definition: "entry (key TEXT PRIMARY KEY, value TEXT)"))
    for name in ["key", "value"] {
      try objects.write(
        SchemaObject(
          kind: "column", name: name, parent: "entry", nativeType: "TEXT", definition: "TEXT",
          flags: name == "key" ? [.notNull, .primaryKey] : []))
    }
  }

  /// Nothing to do: every call polls its operation often enough.
  func interrupt() {}

  func close() {}

  /// All or nothing: a failure has only changed a copy, which is discarded.
  private func change(
    _ body: (inout EntryTable) throws(DriverFailure) -> Int64
  ) throws(DriverFailure) -> Int64 {
    if isReadOnly { throw DriverFailure(.denied, "\(file.path) was opened read-only") }
    let lock = try file.lock()
    defer { Glibc.close(lock) }
    var table = try file.load()
    let changed = try body(&table)
    try file.save(table)
    return changed
  }
}

extension Parameters {
  /// A row of texts and NULLs.
  fileprivate func texts(_ row: Int) throws(DriverFailure) -> [String?] {
    var texts: [String?] = []
    for column in 0..<columnCount {
      switch self[row, column] {
      case .null: texts.append(nil)
      case .text(let bytes):
        guard let text = String(validating: bytes, as: UTF8.self) else {
          throw DriverFailure(.unsupported, "text that is not UTF-8")
        }
        texts.append(text)
      default: throw DriverFailure(.unsupported, "a value that is not text")
      }
    }
    return texts
  }
}

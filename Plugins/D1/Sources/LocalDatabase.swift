import BelayDriverKit
import Glibc
import SQLiteDialect

/// A project's local database as wrangler stores it: a plain SQLite file, which the SQLite driver can open.
struct LocalDatabase: Equatable {
  private let folder: String
  /// The id from which the file's name is computed: `preview_database_id`, otherwise `database_id`, otherwise the
  /// binding. nil: the project has only one database.
  private let id: String?

  /// - Parameter text: the text after `d1-local:`.
  init(written text: String) throws(DriverFailure) {
    var path = text[...]
    if path.hasPrefix("//") { path.removeFirst(2) }
    guard let question = path.lastIndex(of: "?") else {
      (folder, id) = (path.isEmpty ? "." : String(path), nil)
      return
    }
    let setting = path[path.index(after: question)...].split(separator: "=", maxSplits: 1).map(String.init)
    path = path[..<question]
    guard setting.count == 2, ["binding", "database_id"].contains(setting[0]), !setting[1].isEmpty else {
      throw DriverFailure(
        .invalid, "this is not the URL of a local D1 database",
        hint:
          "write d1-local:FOLDER, or d1-local:FOLDER?database_id=ID; ?binding=NAME if wrangler's configuration has no id"
      )
    }
    (folder, id) = (path.isEmpty ? "." : String(path), setting[1])
  }

  /// The URL for the SQLite driver.
  var url: String {
    get throws(DriverFailure) { "sqlite:" + (try file) }
  }

  private var file: String {
    get throws(DriverFailure) {
      let state = "\(folder)/.wrangler/state/v3/d1/miniflare-D1DatabaseObject"
      let files = Self.databases(in: state)
      guard !files.isEmpty else {
        throw DriverFailure(
          .notFound, "there is no local database of wrangler in \(folder)",
          hint: "use the project's folder; wrangler creates the file when the database is used for the first time")
      }
      guard let id else {
        if let file = files.first, files.count == 1 { return file }
        throw DriverFailure(
          .invalid, "there are \(files.count) local databases in \(folder)",
          hint: "say which one: d1-local:\(folder)?database_id=ID, with the id from wrangler's configuration")
      }
      let file = "\(state)/\(Self.hash(id)).sqlite"
      guard files.contains(file) else {
        throw DriverFailure(
          .notFound, "there is no local database \(id) in \(folder)",
          hint:
            "use preview_database_id from wrangler's configuration, otherwise database_id, otherwise the binding")
      }
      return file
    }
  }

  /// The name of the file for a database's id: `preview_database_id`, otherwise `database_id`, otherwise the binding.
  static func hash(_ id: String) -> String {
    let key = SHA256.hash(Array("miniflare-D1DatabaseObject".utf8))
    let name = Array(SHA256.hmac(Array(id.utf8), key: key).prefix(16))
    let check = Array(SHA256.hmac(name, key: key).prefix(16))
    return Hex.text(name + check)
  }

  private static func databases(in folder: String) -> [String] {
    guard let directory = opendir(folder) else { return [] }
    defer { closedir(directory) }
    var found: [String] = []
    while let entry = readdir(directory) {
      let name = withUnsafePointer(to: &entry.pointee.d_name) { pointer in
        pointer.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if name.hasSuffix(".sqlite"), name != "metadata.sqlite" { found.append("\(folder)/\(name)") }
    }
    return found.sorted()
  }
}

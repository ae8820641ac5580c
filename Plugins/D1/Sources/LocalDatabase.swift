import BelayDriverKit
import Glibc
import SQLiteDialect

/// A project's local databases, as wrangler keeps them: plain SQLite files, for which there is a driver already.
struct LocalDatabase {
  private let folder: String
  private let files: [String]

  init(folder: String, options: inout Options) throws(DriverFailure) {
    // An id or the name of a binding; without one there must be one database alone.
    let id = options.take("database_id")
    self.folder = folder
    let state = "\(folder)/.wrangler/state/v3/d1/miniflare-D1DatabaseObject"
    if let id, !id.isEmpty {
      let path = "\(state)/\(Self.hash(id)).sqlite"
      files = SystemFile.size(of: path) == nil ? [] : [path]
    } else {
      files = Self.databases(in: state)
    }
  }

  /// What to write instead.
  var redirection: DriverFailure {
    guard let file = files.first else {
      return DriverFailure(
        .notFound, "there is no local database of wrangler's in \(folder)",
        hint: "name the project's folder; wrangler makes the file when the database is used for the first time")
    }
    guard files.count == 1 else {
      return DriverFailure(
        .invalid, "there are \(files.count) local databases in \(folder): \(files.joined(separator: ", "))",
        hint: "choose one, and write sqlite:FILE instead")
    }
    return DriverFailure(
      .unsupported, "a local database of wrangler's is a SQLite file, which the sqlite driver opens",
      hint: "write sqlite:\(file) instead")
  }

  /// The name of the file for a database's id: `preview_database_id`, else `database_id`, else the binding.
  static func hash(_ id: String) -> String {
    let key = SHA256.hash(Array("miniflare-D1DatabaseObject".utf8))
    let name = Array(SHA256.hmac(Array(id.utf8), key: key).prefix(16))
    let check = Array(SHA256.hmac(name, key: key).prefix(16))
    return Literal.hex(name + check).lowercased()
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

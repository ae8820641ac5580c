import BelayDriverKit
import Glibc
import SQLiteDialect

/// The path of a database: absolute, with all symbolic links resolved, as SQLite itself names it, so that two URLs of
/// the same file have the same identity.
struct DatabaseFile: Equatable {
  let path: String

  /// The file that a URL names: `sqlite:PATH` literally, `file:PATH` with percent-encoding.
  init(url: String, mayBeNew: Bool) throws(DriverFailure) {
    let written = try Self.path(in: url)
    let absolute = written.utf8.first == UInt8(ascii: "/") ? written : try Self.currentFolder() + "/" + written
    try self.init(absolutePath: absolute, mayBeNew: mayBeNew)
  }

  init(absolutePath: String, mayBeNew: Bool) throws(DriverFailure) {
    if let resolved = Self.resolved(absolutePath) {
      path = resolved
      return
    }
    let reason = errno
    guard reason == ENOENT else {
      throw DriverFailure(reason == EACCES ? .denied : .notFound, "\(absolutePath): \(SystemFile.text(of: reason))")
    }
    guard mayBeNew else {
      throw DriverFailure(
        .notFound, "there is no database \(absolutePath)", hint: "check the path; belay does not create it here")
    }
    let (folder, name) = Self.split(absolutePath)
    guard let resolved = Self.resolved(folder), !name.isEmpty else {
      throw DriverFailure(.notFound, "the folder \(folder) does not exist")
    }
    path = (resolved == "/" ? "" : resolved) + "/" + name
  }

  /// Its folder.
  var folder: String { Self.split(path).folder }
  /// Its last component.
  var name: String { Self.split(path).name }
  /// A URL of this file: `init(url:)` turns it into the same file again.
  var url: String { "sqlite:" + path }

  private static func path(in url: String) throws(DriverFailure) -> String {
    guard let colon = url.utf8.firstIndex(of: UInt8(ascii: ":")) else {
      throw DriverFailure(.invalid, "\(url) is not the URL of a SQLite database", hint: "write sqlite:path/to/app.db")
    }
    let scheme = url[..<colon].lowercased()
    var rest = String(url[url.index(after: colon)...])
    if rest.hasPrefix("//") {
      rest.removeFirst(2)
      if scheme == "file", rest.hasPrefix("localhost/") { rest.removeFirst("localhost".utf8.count) }
      guard rest.utf8.first == UInt8(ascii: "/") else {
        throw DriverFailure(
          .invalid, "\(url) contains a host, but SQLite databases are local files",
          hint: "write sqlite:relative/path or sqlite:///absolute"
        )
      }
    }
    if scheme == "file" {
      guard !rest.utf8.contains(UInt8(ascii: "?")), !rest.utf8.contains(UInt8(ascii: "#")) else {
        throw DriverFailure(
          .invalid, "\(url) has parameters, which belay does not pass on", hint: "use the driver's options instead")
      }
      rest = try percentDecoded(rest, url)
    }
    guard !rest.isEmpty, rest != ":memory:", !rest.utf8.contains(0) else {
      throw DriverFailure(
        .invalid, "\(url) does not name a file", hint: "belay works with SQLite databases in files only")
    }
    return rest
  }

  private static func percentDecoded(_ text: String, _ url: String) throws(DriverFailure) -> String {
    var bytes: [UInt8] = []
    var rest = text.utf8[...]
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard rest.count >= 2, let value = UInt8(String(Substring(rest.prefix(2))), radix: 16) else {
        throw DriverFailure(.invalid, "\(url) contains a % without two hex digits after it")
      }
      rest.removeFirst(2)
      bytes.append(value)
    }
    guard let decoded = String(validating: bytes, as: UTF8.self) else {
      throw DriverFailure(.invalid, "\(url) is not UTF-8 when decoded")
    }
    return decoded
  }

  private static func split(_ path: String) -> (folder: String, name: String) {
    guard let slash = path.lastIndex(of: "/") else { return (".", path) }
    let folder = String(path[..<slash])
    return (folder.isEmpty ? "/" : folder, String(path[path.index(after: slash)...]))
  }

  private static func resolved(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  private static func currentFolder() throws(DriverFailure) -> String {
    guard let folder = getcwd(nil, 0) else {
      throw DriverFailure(.io, "the current folder no longer exists: \(SystemFile.text(of: errno))")
    }
    defer { free(folder) }
    return String(cString: folder)
  }
}

import BelayArchive
import BelayBase
import Crypto
import Foundation

/// `atlas.sum`: a hash over the names and texts of a folder's files, in their order. Each line's covers those before it.
struct AtlasSum {
  static let path = "atlas.sum"

  /// By the file's name, without `h1:`.
  let hashes: [(name: String, hash: String)]

  /// - Parameter files: in the order of their names.
  init(_ files: [(name: String, bytes: [UInt8])]) {
    var running = SHA256()
    var hashes: [(name: String, hash: String)] = []
    for file in files {
      running.update(data: Data(file.name.utf8))
      // By a first line `-- atlas:sum ignore` a file takes no part.
      if AtlasHeader.directive(String(decoding: file.bytes, as: UTF8.self), "sum") == "ignore" { continue }
      running.update(data: Data(file.bytes))
      hashes.append((file.name, Data(running.finalize()).base64EncodedString()))
    }
    self.hashes = hashes
  }

  /// As Atlas writes it.
  var text: String {
    var all = SHA256()
    for (name, hash) in hashes { all.update(data: Data((name + hash).utf8)) }
    let sum = Data(all.finalize()).base64EncodedString()
    return "h1:\(sum)\n" + hashes.map { "\($0.name) h1:\($0.hash)\n" }.joined()
  }

  subscript(name: String) -> String? { hashes.first { $0.name == name }?.hash }
}

/// The directives at the top of one of Atlas's files: comments that an empty line parts from the statements.
struct AtlasHeader {
  private let comments: [String]

  init(_ sql: String) {
    let lines = sql.replacing("\r\n", with: "\n").split(separator: "\n", omittingEmptySubsequences: false)
    let comments = lines.prefix { $0.hasPrefix("--") || $0.hasPrefix("#") }
    let isParted = comments.count == lines.count || lines[comments.count].isEmpty
    self.comments = isParted ? comments.map { $0.trimmed } : []
  }

  func values(of name: String) -> [String] { comments.compactMap { Self.directive($0, name) } }

  /// Of a text's first line.
  static func directive(_ text: String, _ name: String) -> String? {
    guard let match = text.firstMatch(of: /^[ -~]*?atlas:([A-Za-z0-9_]+)(?: +([^\r\n]+))?/), match.1 == name else {
      return nil
    }
    return match.2.map { $0.trimmed } ?? ""
  }
}

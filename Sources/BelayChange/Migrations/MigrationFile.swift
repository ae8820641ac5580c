import BelayArchive
import BelayBase
import Foundation
import SystemPackage

/// One file of the migrations folder, read.
package struct MigrationFile: Sendable, Equatable {
  /// Its identity in the ledger: the file's name, or a path where it lies elsewhere than the other migrations.
  package private(set) var name: String
  package let path: FilePath
  /// The file as it is on the disk.
  package let bytes: [UInt8]
  /// What is run: the file without a byte order mark, line ends as they are.
  package private(set) var sql: String
  /// SHA-256 as hex over `sql` with every CRLF read as LF: a checkout with other line ends is the same migration.
  package private(set) var sha256: String
  package private(set) var directives: Directives
  /// How the ledger of an adopted tool knows it; nil: by its name.
  package private(set) var entry: LedgerEntry?
  package private(set) var wayDown = WayDown.unknown

  /// What undoes a migration.
  package enum WayDown: Sendable, Equatable {
    /// The folder's tool has no ways down, or nobody has looked.
    case unknown
    case missing
    case text(String)
  }

  /// The digits that the name begins with, e.g. `20261120` or `0001`; nil: none.
  package var version: String? { Self.version(of: name) }

  /// SHA-256 as hex over the text with the line ends that it has.
  package var rawSHA256: String { BelayArchive.sha256(Array(sql.utf8)) }

  /// - Parameter name: nil: the path's last component.
  package init(_ path: FilePath, name: String? = nil) throws(BelayError) {
    self.path = path
    let name = name ?? path.lastComponent?.string ?? path.string
    self.name = name
    let bytes: Data
    do throws(FileFlaw) {
      bytes = try RegularFile.read(path)
    } catch {
      throw BelayError(.refused, "the migration \(path) \(error.text)", state: "the database is untouched")
    }
    self.bytes = Array(bytes)
    let body = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes.dropFirst(3) : bytes
    guard let text = String(validating: body, as: UTF8.self) else {
      throw BelayError(
        .refused, "the migration \(name) is not UTF-8: the first bad byte is in line \(Self.firstBadLine(body))",
        hint: "convert it, e.g. with iconv", state: "the database is untouched")
    }
    sql = text
    (sha256, directives) = try Self.read(text, name)
  }

  private static func read(_ sql: String, _ name: String) throws(BelayError) -> (String, Directives) {
    let folded = sql.replacing("\r\n", with: "\n")
    return (BelayArchive.sha256(Array(folded.utf8)), try Directives(sql: folded, file: name))
  }

  /// The part of the file that a tool runs one way.
  /// - Parameter sql: with an empty line for each line of the file that is no part of it.
  package func part(_ sql: String, _ entry: LedgerEntry, name: String? = nil) throws(BelayError) -> MigrationFile {
    var part = self
    part.name = name ?? self.name
    part.sql = sql
    part.entry = entry
    // What stands before and behind it in the file makes no other part of it.
    (part.sha256, part.directives) = try Self.read(sql, part.name)
    part.sha256 = BelayArchive.sha256(Array(sql.replacing("\r\n", with: "\n").trimmed.utf8))
    return part
  }

  /// The same file, known to the tool's ledger.
  package func known(as entry: LedgerEntry) -> MigrationFile {
    var file = self
    file.entry = entry
    return file
  }

  /// The same file, with the number of its statements for the tool's ledger.
  package func counted(_ statements: Int) -> MigrationFile {
    var file = self
    file.entry?.statements = statements
    return file
  }

  /// The same file, with what undoes it.
  package func undone(by wayDown: WayDown) -> MigrationFile {
    var file = self
    file.wayDown = wayDown
    return file
  }

  /// The same file, that has run before.
  package func markedAsRun() -> MigrationFile {
    var file = self
    file.entry?.hasRunBefore = true
    return file
  }

  /// The same file, run outside a transaction.
  package func withoutTransaction() -> MigrationFile {
    var file = self
    file.directives.noTransaction = true
    return file
  }

  package static func version(of name: String) -> String? {
    let digits = name.prefix { $0.isASCII && $0.isNumber }
    return digits.isEmpty ? nil : String(digits)
  }

  /// Numbers by value, then names; names without a number after those with one.
  package static func precedes(_ a: String, _ b: String) -> Bool {
    switch (version(of: a), version(of: b)) {
    case (let x?, let y?):
      let (x, y) = (x.drop { $0 == "0" }, y.drop { $0 == "0" })
      if x.count != y.count { return x.count < y.count }
      return x == y ? a < b : x < y
    case (.some, nil): return true
    case (nil, .some): return false
    case (nil, nil): return a < b
    }
  }

  private static func firstBadLine(_ bytes: Data) -> Int {
    var line = 1
    for part in bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
      if String(validating: part, as: UTF8.self) == nil { return line }
      line += 1
    }
    return line
  }
}

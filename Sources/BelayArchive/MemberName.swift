import BelayRows

/// The names of an archive's members, without the suffix of their compression: the writer adds that.
///
/// Names of tables are percent-encoded by UTF-8 byte outside `[A-Za-z0-9_-]`. So a table can be called anything, and
/// still no member climbs out of its folder, hides itself, or takes another table's place: the dot is encoded too, since
/// the table `b.c` in the schema `a` and the table `c` in the schema `a.b` are two.
package enum MemberName {
  package static let manifest = "manifest.json"
  package static let readme = "README.txt"
  package static let checksums = "SHA256SUMS"
  package static let schema = "schema.json"
  package static let sql = "full_backup.sql"

  /// The engine's own dump; `fileExtension` is the driver's word for it, e.g. "db".
  package static func native(fileExtension: String) -> String {
    let name = "full_backup." + encoded(fileExtension)
    return name == sql ? "full_backup.native.sql" : name
  }

  package static func csv(_ table: TableName) -> String { "csv/" + stem(table) + ".csv" }

  package static func json(_ table: TableName) -> String { "json/" + stem(table) + ".json" }

  private static func stem(_ table: TableName) -> String {
    // A name of no letters must not make a hidden file. No other name becomes a percent sign alone.
    let name = table.name.isEmpty ? "%" : encoded(table.name)
    let full = table.schema.isEmpty ? name : encoded(table.schema) + "." + name
    // Names in file systems have at most 255 bytes, and a suffix will be added. A hash keeps truncated names distinct.
    guard full.utf8.count > 200 else { return full }
    return String(full.prefix(150)) + "." + sha256(Array(full.utf8)).prefix(32)
  }

  /// `[A-Za-z0-9_-]` as they are, every other byte as `%XX`.
  package static func encoded(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
        result.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        result += "%" + Hex.text(byte).uppercased()
      }
    }
    return result
  }

  /// Why a name must not be written to a disk, or nil. Names that belay writes are safe; this is for names that it
  /// reads.
  package static func danger(in name: String) -> String? {
    if name.isEmpty { return "it is empty" }
    if name.utf8.count > 1024 { return "it is longer than 1024 bytes" }
    if name.hasPrefix("/") { return "it is absolute" }
    for byte in name.utf8 where byte <= 0x20 || byte >= 0x7f || byte == UInt8(ascii: "\\") {
      return "it contains the byte 0x\(Hex.text(byte))"
    }
    for component in name.split(separator: "/", omittingEmptySubsequences: false) {
      if component.isEmpty { return "it has an empty component" }
      if component.hasPrefix(".") { return "a component begins with a dot" }
    }
    return nil
  }

  /// A name from an unknown source, safe for a terminal: bytes that danger(in:) refuses are shown as `\xXX`.
  package static func printable(_ name: String) -> String {
    var text = ""
    for byte in name.utf8.prefix(200) {
      if byte <= 0x20 || byte >= 0x7f {
        text += "\\x" + Hex.text(byte)
      } else {
        text.unicodeScalars.append(Unicode.Scalar(byte))
      }
    }
    return text
  }
}

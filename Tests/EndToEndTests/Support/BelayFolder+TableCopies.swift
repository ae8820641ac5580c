import Foundation
import Testing

extension BelayFolder {
  /// The names of the copies of a table that the database lists, without their schema. They hold the day on which belay
  /// made them, which need not be the day on which a test asks.
  func copies(of table: String) throws -> [String] {
    struct Line: Decodable { let event: String, name: String? }
    let list = try belay("snapshot-table", url, "--list", "--json")
    return try list.output.split(separator: "\n").map { try JSONDecoder().decode(Line.self, from: Data($0.utf8)) }
      .compactMap { line in
        guard line.event == "table_copy", let name = line.name, let start = name.firstRange(of: "_backup_\(table)_")
        else { return nil }
        return String(name[start.lowerBound...])
      }
  }

  /// The name of the one copy of a table.
  func copy(of table: String) throws -> String {
    let names = try copies(of: table)
    return try #require(names.count == 1 ? names.first : nil, "\(names)")
  }
}

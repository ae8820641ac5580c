import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers

/// What the ledger of another tool says of files that belay is about to run.
package struct AppliedElsewhere: Sendable {
  /// A file, as ledgers may know it.
  package struct File: Sendable {
    package let name: String
    /// SHA-256 as hex, of the text as it stands and with other line ends.
    package let digests: Set<String>

    package init(name: String, digests: Set<String>) {
      self.name = name
      self.digests = digests
    }
  }

  package enum Match: Sendable {
    /// The ledger has the file's name or the digest of its text.
    case certain
    /// It has its number, which may be another file's.
    case byNumber
  }

  package let tool: MigrationTool
  /// With its schema.
  package let table: String
  package let rows: Int
  private let key: ToolLedger.Key
  private let values: Set<String>

  /// More rows than any folder has files: what they are beyond that is of no interest.
  private static let mostRows = 20_000

  /// nil: it has no rows.
  package init?(
    _ ledger: ToolLedger, _ table: CatalogTable, on connection: Connection, context: RunContext
  ) throws(BelayError) {
    tool = ledger.tool
    self.table = table.tableName.description
    key = ledger.key
    let wanted: [String] =
      switch ledger.key {
      case .version(let column), .highest(let column): [column]
      case .values(let columns): columns
      case .none: []
      }
    func named(_ name: String) -> String? {
      table.columns.first { $0.name.lowercased() == name.lowercased() }?.name
    }
    let columns = wanted.compactMap(named)
    let flag = ledger.flag.flatMap(named)
    let traits = connection.traits
    // A later row of goose's takes back what an earlier one says.
    let order = named("id").map { " ORDER BY \(traits.quoted($0))" } ?? ""
    let selected = (columns + [flag].compactMap { $0 }).map(traits.quoted).joined(separator: ", ")
    let from = traits.quoted(schema: table.schema, name: table.name)
    let found: [[Value]]
    do {
      found = try connection.values(
        "SELECT \(selected.isEmpty ? "1" : selected) FROM \(from)\(order) LIMIT \(Self.mostRows)",
        operation: context.stoppable())
    } catch {
      throw BelayError(
        error, doing: "cannot read \(self.table), the ledger of \(tool.name)", kind: .refused,
        state: "the database is untouched")
    }
    rows = found.count
    guard rows > 0 else { return nil }
    var values: Set<String> = []
    for row in found {
      let texts = row.prefix(columns.count).map(\.asText).filter { !$0.isEmpty }
      let isApplied = flag == nil || !["0", "false", "f", "no"].contains((row.last?.asText ?? "").lowercased())
      for text in texts {
        if isApplied { values.insert(text) } else { values.remove(text) }
      }
    }
    self.values = values
  }

  package func match(_ file: File) -> Match? {
    switch key {
    case .none: nil
    case .version:
      Self.number(file.name).flatMap { number in values.contains { Self.number($0) == number } ? .byNumber : nil }
    case .highest:
      Self.number(file.name).flatMap { number in
        values.compactMap(Self.number).contains { !Self.isBelow($0, number) } ? .byNumber : nil
      }
    case .values:
      values.contains { isName($0, of: file.name) || file.digests.contains($0.lowercased()) } ? .certain : nil
    }
  }

  /// `db/0001_x.sql`, `0001_x.sql` and `0001_x` are the file 0001_x.sql.
  private func isName(_ value: String, of name: String) -> Bool {
    let base = name.split(separator: "/").last.map(String.init) ?? name
    let last = value.split(whereSeparator: { $0 == "/" || $0 == "\\" }).last.map(String.init) ?? value
    if last == base || last.hasSuffix("." + base) { return true }
    return base.hasSuffix(".sql") && last == String(base.dropLast(4))
  }

  /// The digits at the beginning, without zeros before them; Flyway's V goes along. nil: no number.
  private static func number(_ text: String) -> String? {
    var rest = (text.split(separator: "/").last ?? Substring(text))
    if rest.first == "V" || rest.first == "v" { rest = rest.dropFirst() }
    // Diesel's 2018-01-01-000000 is 20180101000000 in its ledger.
    let digits = rest.prefix { ($0.isASCII && $0.isNumber) || $0 == "-" }.filter { $0 != "-" }
    guard !digits.isEmpty else { return nil }
    let number = digits.drop { $0 == "0" }
    return number.isEmpty ? "0" : String(number)
  }

  private static func isBelow(_ a: String, _ b: String) -> Bool { a.count == b.count ? a < b : a.count < b.count }
}

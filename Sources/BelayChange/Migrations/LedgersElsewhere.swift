import BelayBase
import BelayDatabase
import BelayDrivers

/// What the ledgers of tools whose rules belay does not follow here say of files that are about to run.
struct LedgersElsewhere {
  let ledgers: [AppliedElsewhere]

  /// Where nothing is about to run.
  static let unasked = LedgersElsewhere(ledgers: [])

  private init(ledgers: [AppliedElsewhere]) { self.ledgers = ledgers }

  /// - Parameter own: the tables that belay keeps account in here.
  init(than own: Set<String>, catalog: Catalog, connection: Connection, context: RunContext) throws(BelayError) {
    var found: [AppliedElsewhere] = []
    for (ledger, table) in ToolLedger.found(in: catalog, except: own.union([Connection.lockTable])) {
      if let one = try AppliedElsewhere(ledger, table, on: connection, context: context) { found.append(one) }
    }
    ledgers = found
  }

  /// - Parameters:
  ///   - isFirst: belay's ledger is empty.
  ///   - areNamed: a person has named the files one by one.
  func check(_ files: [MigrationFile], isFirst: Bool, areNamed: Bool) throws(BelayError) -> [Finding] {
    var findings: [Finding] = []
    for ledger in ledgers {
      let matched = files.filter { ledger.match($0.known) != nil }
      // A person who names a file knows better which one a mere number means.
      let certain = matched.filter { !areNamed || ledger.match($0.known) == .certain }
      if let first = certain.first { throw refusal(first, certain, ledger) }
      if let first = matched.first {
        findings.append(
          Finding(
            .warning, source: "preflight", rule: "other-ledger", subject: first.name,
            message: "\(ledger.table), the ledger of \(ledger.tool.name), has a migration of the same number"))
      } else if isFirst, ledger.tool != .unknown, !files.isEmpty {
        findings.append(
          Finding(
            .warning, source: "preflight", rule: "other-ledger", subject: "table \(ledger.table)",
            message: "is the ledger of \(ledger.tool.name), with \(ledger.rows) rows, which belay does not read",
            hint: "check that none of these files has been applied before"))
      }
    }
    return findings
  }

  private func refusal(_ first: MigrationFile, _ matched: [MigrationFile], _ ledger: AppliedElsewhere) -> BelayError {
    let isCertain = ledger.match(first.known) == .certain
    let ways = "move the files that are applied to another folder"
    return BelayError(
      .refused,
      "the migration \(first.name) has already been applied by \(ledger.tool.name): its ledger \(ledger.table) "
        + (isCertain ? "contains it" : "contains its number"),
      hint: ledger.tool.advice + "; to go on with belay, \(ways)"
        + (isCertain ? "" : "; if it is another file of that number, name it or renumber it"),
      state: "the database is untouched", causes: matched.dropFirst().map { "so has \($0.name)" })
  }
}

extension MigrationFile {
  /// How a ledger may know it.
  fileprivate var known: AppliedElsewhere.File { AppliedElsewhere.File(name: name, digests: [sha256, rawSHA256]) }
}

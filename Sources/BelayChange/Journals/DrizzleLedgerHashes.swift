import BelayBase
import BelayDatabase
import BelayDrivers

/// Hashes that are missing in Drizzle's ledger are written there, and nothing else.
struct DrizzleLedgerHashes: Change {
  let table: LedgerTable
  let receipts: Receipts
  /// By what `created_at` has.
  let hashes: [(moment: String, hash: String)]

  func plan(on connection: Connection, catalog: Catalog) throws(BelayError) -> ChangePlan {
    let part = HashesPart(
      table: table, receipts: receipts, maker: receipts.maker(connection.traits, in: catalog), hashes: hashes)
    let traits = connection.traits
    var plan = ChangePlan(
      steps: [
        ChangeStep(parts: [part], commit: traits.hasTransactions ? .transaction : .itself("one statement for each"))
      ],
      noun: "ledger", receipts: receipts, ledgers: [table.name])
    plan.words = ChangeWords(
      deed: "write", done: "wrote", what: "\(hashes.count) \(hashes.count == 1 ? "hash" : "hashes")",
      place: "into the ledger of",
      again: "belay journal drizzle")
    return plan
  }
}

private struct HashesPart: ChangePart {
  let table: LedgerTable
  let receipts: Receipts
  let maker: String?
  let hashes: [(moment: String, hash: String)]

  var name: String { "the hashes in \(table.name)" }
  var intent: Intent { Intent(statements: [], allowLoss: [], allowChange: []) }
  var rows: RowWriting { .never }
  var isFullyRead: Bool { true }

  func planLines(
    on connection: Connection, catalog: Catalog, context: RunContext
  ) throws(BelayError) -> PartLines {
    PartLines(title: name, details: hashes.map { "the migration of the moment \($0.moment): \($0.hash)" })
  }

  func prepare(on stage: Stage) throws(BelayError) {
    guard let maker else { return }
    try execute([maker], on: stage)
  }

  func run(on stage: Stage) throws(BelayError) {
    try stage.willRun(name, statement: 0)
    let traits = stage.connection.traits
    try execute(
      hashes.map { moment, hash in
        "UPDATE \(table.quoted) SET \(traits.quoted("hash")) = \(hash.sqlLiteral) "
          + "WHERE \(traits.quoted("created_at")) = \(moment)"
      } + [
        receipts.statements(traits).deletion(of: name),
        receipts.recording(name, sha256: "", run: stage.runID, milliseconds: 0, traits),
      ], on: stage)
    stage.ended(name, seconds: 0)
  }

  private func execute(_ statements: [String], on stage: Stage) throws(BelayError) {
    try stage.call(
      "the ledger \(table.name)",
      failure: { BelayError($0, doing: "cannot write the hashes into \(table.name)", kind: .migrationFailed) }
    ) { () throws(DriverError) in
      for statement in statements {
        _ = try stage.connection.execute(statement, operation: stage.context.stoppable())
      }
    }
  }
}

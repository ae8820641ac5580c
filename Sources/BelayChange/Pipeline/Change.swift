import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns

/// A kind of change to a database: SQL files, a command, batches. It says what is to be done, and does it. Preflight,
/// backup, proof, rehearsal, the question, judgement, rollback and report are `ChangePipeline`'s, for every kind alike.
package protocol Change: Sendable {
  /// What is to be done, read against the target as it is. Changes nothing.
  /// - Parameters:
  ///   - connection: to the target; may be read-only.
  ///   - catalog: the target's schema.
  func plan(on connection: Connection, catalog: Catalog) throws(BelayError) -> ChangePlan

  /// Called before anything is put back: whatever of the change may still be at work is ended.
  func stop()

  /// Asked after a rehearsal that went well.
  /// - Parameter copy: a connection to the copy that it ran on.
  /// - Throws: where the same change, asked for again, would not find itself done.
  func confirmDone(_ plan: ChangePlan, on copy: Connection) throws(BelayError)
}

extension Change {
  /// By default a kind of change keeps no account of what is done.
  package func confirmDone(_ plan: ChangePlan, on copy: Connection) throws(BelayError) {}
  package func stop() {}
}

/// What is to be done, in which order, and what takes effect together.
package struct ChangePlan: Sendable {
  package let steps: [ChangeStep]
  /// How the parts are counted for people: "migration".
  package let noun: String
  /// How messages name it.
  package var words: ChangeWords
  /// belay's own table, in which the parts leave their receipts; nil: they leave none.
  package let receipts: Receipts?
  /// Tables that the change keeps account in, none of a user's. Receipts' own is one of them.
  package let ledgers: OwnTables
  /// What a reader might expect in it, and why it is not: "0002_down_x.sql: undoes 0002_x.sql".
  package let leftOut: [String]
  /// What was found wrong, or worth knowing, while it was read. An error forbids the change.
  package let findings: [Finding]
  /// Held on the target while it is applied; nil: nobody else knows one.
  package var lock: (any ChangeLock)?

  package init(
    steps: [ChangeStep], noun: String, receipts: Receipts? = nil, ledgers: OwnTables = [], leftOut: [String] = [],
    findings: [Finding] = []
  ) {
    self.steps = steps
    self.noun = noun
    words = ChangeWords(
      deed: "apply", done: "applied", what: Counted.text(steps.flatMap(\.parts).count, noun), place: "to",
      again: "belay migrate")
    self.receipts = receipts
    self.ledgers = ledgers.union(receipts.map { [$0.table] } ?? [])
    self.leftOut = leftOut
    self.findings = findings
  }

  package var parts: [any ChangePart] { steps.flatMap(\.parts) }
  package var reach: ChangeReach {
    ChangeReach(intent: parts.intent, isFullyRead: parts.allSatisfy(\.isFullyRead), ownTables: ledgers)
  }
  package var isEmpty: Bool { steps.isEmpty }
  /// Whatever fails, the engine's own ROLLBACK undoes it.
  package var isOneTransaction: Bool { steps.count == 1 && steps.allSatisfy(\.isTransaction) }
  /// "skipped 0002_down_x.sql: undoes 0002_x.sql"
  package var leftOutLines: [String] { leftOut.map { "skipped \($0)" } }
  /// For the end of a summary: "; skipped 0002_down_x.sql"; empty where nothing is left out.
  package var leftOutWords: String {
    guard !leftOut.isEmpty else { return "" }
    let names = leftOut.prefix(3).map { $0.prefix { $0 != ":" } }.joined(separator: ", ")
    return "; skipped \(names)" + (leftOut.count > 3 ? " and \(leftOut.count - 3) more" : "")
  }
  /// "3 migrations"
  package var count: String { count(of: parts) }

  func count(of parts: [any ChangePart]) -> String { "\(parts.count) \(noun)\(parts.count == 1 ? "" : "s")" }
}

/// How messages name a change: "apply 3 migrations to shop", "ran `rake db:migrate` on shop".
package struct ChangeWords: Sendable {
  let deed: String
  let done: String
  let what: String
  let place: String
  /// The command that does it again.
  let again: String
  /// The parts may write to other databases than the one that they are given, or to none.
  var mayGoAstray = false
  /// The option by which a person says that a table may lose rows; nil: a directive in the part's file does.
  var lossOption: String?
}

/// Parts of a change that take effect together.
package struct ChangeStep: Sendable {
  package enum Commit: Sendable, Equatable {
    /// The pipeline begins a transaction, and commits it when all checks have passed.
    case transaction
    /// It takes effect as it goes. How, for the plan: "no transaction, statement by statement".
    case itself(String)
  }

  package var parts: [any ChangePart]
  package let commit: Commit

  package init(parts: [any ChangePart], commit: Commit) {
    self.parts = parts
    self.commit = commit
  }

  package var isTransaction: Bool { commit == .transaction }
  package var names: [String] { parts.map(\.name) }
  package var intent: Intent { parts.intent }

  /// Whether it may write rows of tables that were there before, as far as it says and the rehearsal saw.
  /// - Parameter rehearsed: what the whole change did to the copy; nil: it was not rehearsed.
  package func mayWriteRows(rehearsed: [TableDelta]?) -> Bool {
    parts.map(\.rows).mayWriteRows(rehearsed: rehearsed)
  }
}

extension [RowWriting] {
  /// Of a step's parts or statements, together.
  func mayWriteRows(rehearsed: [TableDelta]?) -> Bool {
    if allSatisfy({ $0 == .never }) { return false }
    guard let rehearsed, !contains(.always) else { return true }
    return !rehearsed.allSatisfy { $0.before == nil || $0.after == nil }
  }
}

/// A part of a change that is judged by itself: a file, a command, a batch.
package protocol ChangePart: Sendable {
  /// For people, journal and receipts; unique in the plan: a file's name.
  var name: String { get }
  var intent: Intent { get }
  /// Numbers of rows that it expects.
  var expectations: [Expectation] { get }
  var rows: RowWriting { get }
  /// What it says, for the report: a file's SQL, and how many statements that is; nil: it has no text.
  var script: (text: String, statements: Int)? { get }
  /// All that it writes is said in its intent: nothing outside the database, for that is refused beforehand.
  var isFullyRead: Bool { get }

  /// Judges by two states what it has done; nil: the contract judges it, by what it says that it writes.
  func verdict(on judged: JudgedStates) throws(BelayError) -> Contract.Verdict?

  /// How the plan shows it.
  /// - Parameter connection: to the target, to count what is written.
  func planLines(
    on connection: Connection, catalog: Catalog, context: RunContext
  ) throws(BelayError) -> PartLines

  /// Runs what has its effect only outside a transaction. Called of a step's first part, before anything else.
  func runBeforeTransaction(on stage: Stage) throws(BelayError)

  /// Makes what the step needs, such as a ledger's table. Called of a step's first part, within the transaction where
  /// there is one.
  func prepare(on stage: Stage) throws(BelayError)

  /// Carries it out on the stage's database, through its connection or by its URL. Neither begins nor ends the
  /// transaction of a step that has one.
  func run(on stage: Stage) throws(BelayError)
}

extension [any ChangePart] {
  /// What all of them mean.
  var intent: Intent { reduce(into: Intent()) { $0.formUnion($1.intent) } }
}

extension ChangePart {
  package var expectations: [Expectation] { [] }
  package var rows: RowWriting { .perhaps }
  package var script: (text: String, statements: Int)? { nil }
  package var isFullyRead: Bool { false }
  package func verdict(on judged: JudgedStates) throws(BelayError) -> Contract.Verdict? { nil }
  package func planLines(
    on connection: Connection, catalog: Catalog, context: RunContext
  ) throws(BelayError) -> PartLines {
    PartLines(title: name)
  }
  package func runBeforeTransaction(on stage: Stage) throws(BelayError) {}
  package func prepare(on stage: Stage) throws(BelayError) {}
}

/// Whether a part writes rows, as far as it says.
package enum RowWriting: Sendable, Equatable {
  case never, perhaps, always
  /// Of these tables at most, and perhaps of none.
  case only(Set<TableName>)
}

extension [RowWriting] {
  /// The tables that hold all rows which they may write; nil: any may.
  package var tables: Set<TableName>? {
    var found: Set<TableName> = []
    for one in self {
      switch one {
      case .never: break
      case .only(let tables): found.formUnion(tables)
      case .perhaps, .always: return nil
      }
    }
    return found
  }

  /// As one.
  package var together: RowWriting {
    if contains(.always) { return .always }
    guard let tables else { return .perhaps }
    return tables.isEmpty ? .never : .only(tables)
  }
}

/// How a plan shows one part.
package struct PartLines: Sendable, Equatable {
  package var title: String
  /// Statements that run before the transaction.
  package var before: [String] = []
  /// What it writes.
  package var details: [String] = []

  package init(title: String, before: [String] = [], details: [String] = []) {
    self.title = title
    self.before = before
    self.details = details
  }
}

import BelayBase
import BelayChange
import BelayDatabase
import BelayDrivers
import Foundation

/// A second kind of change: scripts named on the command line. It knows nothing of files, ledgers or directives, and the
/// pipeline nothing of it.
struct ScriptedChange: Change {
  let scripts: [Script]
  let receipts: Receipts?

  func plan(on connection: Connection, catalog: Catalog) throws(BelayError) -> ChangePlan {
    let steps = scripts.map { script in
      ChangeStep(
        parts: [ScriptPart(script: script, receipts: receipts)],
        commit: script.isProgram ? .itself("a program that commits as it goes") : .transaction)
    }
    return ChangePlan(steps: steps, noun: "script", receipts: receipts)
  }
}

/// `NAME=SQL` runs in a transaction; `NAME!SQL` is handed to sqlite3, which connects by itself and commits as it goes.
struct Script: Sendable {
  let name: String
  let sql: String
  let isProgram: Bool

  init?(_ text: String) {
    guard let mark = text.firstIndex(where: { $0 == "=" || $0 == "!" }) else { return nil }
    name = String(text[..<mark])
    sql = String(text[text.index(after: mark)...])
    isProgram = text[mark] == "!"
  }
}

struct ScriptPart: ChangePart {
  let script: Script
  let receipts: Receipts?
  var name: String { script.name }
  /// What its statements mean is not known: what may change is declared.
  var intent: Intent { Intent(statements: [], allowLoss: ["orders"], allowChange: ["log"]) }

  func prepare(on stage: Stage) throws(BelayError) {
    guard let receipts else { return }
    try stage.call("receipts", failure: failure) { () throws(DriverError) in
      let catalog = try stage.connection.catalog(operation: stage.context.stoppable())
      guard let maker = receipts.maker(stage.connection.traits, in: catalog) else { return }
      _ = try stage.connection.execute(maker, operation: stage.context.stoppable())
    }
  }

  func run(on stage: Stage) throws(BelayError) {
    let began = ContinuousClock.now
    try stage.willRun(name, statement: 0)
    if script.isProgram { try runProgram(on: stage.url) } else { try runHere(on: stage) }
    let seconds = (ContinuousClock.now - began).seconds
    stage.ended(name, seconds: seconds)
    stage.ran(name, seconds: seconds)
    guard let receipts else { return }
    try stage.call("receipts", failure: failure) { () throws(DriverError) in
      try receipts.record(
        name, sha256: "", run: stage.runID, milliseconds: 0, on: stage.connection, context: stage.context)
    }
  }

  private func runHere(on stage: Stage) throws(BelayError) {
    try stage.call(name, failure: failure) { () throws(DriverError) in
      _ = try stage.connection.execute(
        script.sql, operation: stage.operation(name, at: name, timeoutSeconds: nil))
    }
  }

  private func runProgram(on url: String) throws(BelayError) {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["sqlite3", "-bail", String(url.trimmingPrefix("sqlite:")), script.sql]
    do { try process.run() } catch { throw BelayError(.migrationFailed, "sqlite3 cannot be run: \(error)") }
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw BelayError(.migrationFailed, "\(name): sqlite3 exited with status \(process.terminationStatus)")
    }
  }

  private var failure: (DriverError) -> BelayError {
    { BelayError($0, doing: "\(name) failed", kind: .migrationFailed) }
  }
}

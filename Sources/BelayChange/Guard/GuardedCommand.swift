import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayProcess
import BelayText
import Foundation

/// A command of somebody else's, such as a migration tool, as a change: what it does is judged by the database before it and
/// after it.
package struct GuardedCommand: Change {
  private let context: RunContext
  private let request: GuardRequest
  private let target: Target
  private let input: CommandInput
  private let memory = CommandMemory()
  /// The run's; empty: nothing is carried out, only shown.
  private let runID: String

  package init(context: RunContext, request: GuardRequest, target: Target, runID: String = "") {
    self.context = context
    self.request = request
    self.target = target
    self.runID = runID
    input = CommandInput(descriptor: request.input)
  }

  package func plan(on connection: Connection, catalog: Catalog) throws(BelayError) -> ChangePlan {
    let declared = try DeclaredEffects(request, catalog: catalog)
    let name = CommandName.text(of: request.command)
    let (path, missing) = find()
    let part = GuardedCommandPart(
      request: request, path: path, name: name, declared: declared, url: CommandURL(target), input: input,
      memory: memory)
    var plan = ChangePlan(
      steps: [ChangeStep(parts: [part], commit: .itself("a command, which commits as it goes"))], noun: "command",
      ledgers: OwnTables([], placed: LedgerEntries.tables(in: catalog)),
      findings: [missing].compactMap(\.self) + urlFindings + declared.findings)
    plan.words = ChangeWords(
      deed: "run", done: "ran", what: "`\(name)`", place: "on", again: "belay guard", mayGoAstray: true)
    return plan
  }

  package func stop() { CommandProcesses(run: runID, context).end(context.with(cancellation: Cancellation())) }

  // MARK: Before it runs

  private func find() -> (path: String, missing: Finding?) {
    let name = request.command.first ?? ""
    let path = ProcessInfo.processInfo.environment["PATH"]
    switch CommandSearch(name, path: path, folder: request.folder) {
    case .found(let path): return (path, nil)
    case .notExecutable(let path):
      return (path, refusal(name, "\(path) cannot be run", hint: "chmod +x \(path.shellWord)"))
    case .missing:
      let isLine = name.contains(" ")
      return (
        name,
        refusal(
          name, name.contains("/") ? "does not exist" : "is in no folder of PATH",
          hint: isLine
            ? "give its words one by one, without quotes around them all; or run a shell: sh -c \(name.shellWord)" : nil
        )
      )
    }
  }

  private func refusal(_ name: String, _ message: String, hint: String?) -> Finding {
    Finding(
      .error, source: "preflight", rule: "command", subject: "command \(redactedWords(name))", message: message,
      hint: hint)
  }

  private var urlFindings: [Finding] {
    var found: [Finding] = []
    if request.hasURLArgument {
      let hasSecret = redact(url: target.url) != target.url
      found.append(
        Finding(
          hasSecret ? .warning : .note, source: "preflight", rule: "url-argument", subject: "command",
          message: "gets the database's URL as an argument, which every user of this machine can read"
            + (hasSecret ? ", with its password" : ""),
          hint: hasSecret ? "use --url-env or --url-file if the command knows either" : nil))
    }
    if let file = request.urlFile, FileManager.default.fileExists(atPath: file) {
      found.append(
        Finding(
          .error, source: "preflight", rule: "url-file", subject: "--url-file \(file)", message: "exists already",
          hint: "name a file that does not exist: belay writes the URL to it, and removes it"))
    }
    return found
  }
}

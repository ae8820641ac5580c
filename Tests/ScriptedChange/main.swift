import BelayBase
import BelayChange
import BelayCore
import BelayDatabase
import BelayDrivers
import Foundation

@testable import BelayRuns
@testable import BelayStore

// scripted-change URL STORE receipts|bare SCRIPT …: carries the scripts out under the pipeline, in this process.

/// Prints what the run tells, and answers nothing.
struct PrintingNarrator: Narrator {
  func tell(_ event: Event) {
    switch event {
    case .log(let line): FileHandle.standardError.write(Data("\(line.level): \(line.message)\n".utf8))
    case .finding(let finding): FileHandle.standardError.write(Data((finding.line + "\n").utf8))
    default: break
    }
  }
  func ask(_ kind: Question.Kind, _ text: String) -> String? { nil }
}

let arguments = CommandLine.arguments
guard arguments.count > 4 else { exit(64) }
var settings = Settings(
  store: arguments[2],
  executable: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
settings.yes = true
let context = RunContext(
  settings: settings, narrator: PrintingNarrator(), cancellation: Cancellation(), interactive: false)
let change = ScriptedChange(
  scripts: arguments[4...].compactMap(Script.init),
  receipts: arguments[3] == "receipts" ? Receipts(table: Receipts.defaultTable) : nil)
let target = Target(url: arguments[1], folder: FileManager.default.currentDirectoryPath)

func result() -> RunResult {
  do {
    let run = try RunStart(context: context, access: try context.access(target)).begin(.migrate, label: "scripted")
    return run.end(ChangePipeline(run: run, change: change, options: ChangeOptions()).result())
  } catch {
    return RunResult(failure: error)
  }
}

let ended = result()
print(ended.error.map { "\($0)" } ?? ended.summary)
exit(ended.status.rawValue)

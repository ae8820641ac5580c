import BelayBase
import BelayCLI
import Foundation
import Testing

@Suite("the real executable")
struct CommandLineTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func belay(_ arguments: String...) throws -> BelayExecutable.Outcome {
    try BelayExecutable.run(arguments, in: folder.url)
  }

  @Test("--version prints the version alone")
  func version() throws {
    let outcome = try belay("--version")
    #expect(outcome.status == 0)
    #expect(outcome.output == Belay.version + "\n")
  }

  @Test(
    "every command has help with an example",
    arguments: [
      "init", "doctor", "status", "migrate", "rollback", "recover", "backup", "list", "show", "verify", "restore",
      "extract", "check", "driver list", "driver which", "driver info", "driver install", "driver remove",
      "driver new",
    ])
  func help(command: String) throws {
    let outcome = try BelayExecutable.run(command.split(separator: " ").map(String.init) + ["--help"], in: folder.url)
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("Example:\n  belay \(command)"))
    #expect(outcome.output.contains("--store <dir>"))
  }

  @Test(
    "wrong usage exits 64",
    arguments: [
      ["nosuch"], ["migrate", "--nosuch"], ["show"], ["backup", "a:b", "--formats", "pdf"],
      ["verify", "latest", "--level", "deep"], ["list", "-q", "-v"], ["doctor"], ["extract", "x", "--as", "csv"],
    ])
  func usage(arguments: [String]) throws {
    let outcome = try BelayExecutable.run(arguments, in: folder.url)
    #expect(outcome.status == 64)
    #expect(outcome.output == "")
  }

  @Test("init writes a belay.yaml that is read, and leaves one that is there alone")
  func initialise() throws {
    let first = try belay("init")
    #expect(first.status == 0)
    #expect(first.output == folder.url.appending(path: "belay.yaml").path + "\n")
    #expect(try belay("list").status == 0)

    try folder.write("store: mine\n", to: "belay.yaml")
    let second = try belay("init")
    #expect(second.status == 1)
    #expect(second.errors.contains("belay.yaml already exists"))
    #expect(try String(contentsOf: folder.url.appending(path: "belay.yaml"), encoding: .utf8) == "store: mine\n")
  }

  @Test("belay.yaml is found in parent folders, and errors in it are reported with their line")
  func upward() throws {
    try folder.write("store: backups\nstroe: x\n", to: "belay.yaml")
    let below = folder.url.appending(path: "a/b")
    try FileManager.default.createDirectory(at: below, withIntermediateDirectories: true)
    let outcome = try BelayExecutable.run(["list"], in: below)
    #expect(outcome.status == 64)
    #expect(
      outcome.errors == """
        error: \(folder.url.path)/belay.yaml:2: unknown key `stroe`
          state: nothing was done
          hint: did you mean `store`?

        """)
  }

  @Test("--json ends in one result, and an error is one too")
  func json() throws {
    for (arguments, status) in [(["list"], ExitStatus.done), (["doctor", "nosuch"], .notFound)] {
      let outcome = try BelayExecutable.run(arguments + ["--json"], in: folder.url)
      #expect(outcome.status == status.rawValue)
      #expect(outcome.errors == "")
      let lines = outcome.output.split(separator: "\n")
      guard let last = lines.last, case .result(let result) = try EventLine.decode(Event.self, from: Array(last.utf8))
      else {
        Issue.record("no result at the end of \(outcome.output)")
        continue
      }
      #expect(result.status == status)
    }
  }

  @Test(
    "a command line that cannot be read ends in one result too",
    arguments: [["migrate", "--json", "--frob"], ["--json", "frob"], ["backup", "--json", "--formats", "gif"]])
  func jsonUsage(arguments: [String]) throws {
    let outcome = try BelayExecutable.run(arguments, in: folder.url)
    #expect(outcome.status == 64)
    let lines = outcome.output.split(separator: "\n")
    guard lines.count == 1, case .result(let result) = try EventLine.decode(Event.self, from: Array(lines[0].utf8))
    else {
      Issue.record("not one result: \(outcome.output)")
      return
    }
    #expect(result.status == .usage && !result.summary.isEmpty)
  }

  @Test("an archive that is not there exits 10", arguments: [["show", "x"], ["rollback", "x"]])
  func noArchive(arguments: [String]) throws {
    #expect(try BelayExecutable.run(arguments, in: folder.url).status == 10)
  }

  @Test("a worker that gets no job says so and exits 64")
  func workerWithoutJob() throws {
    #expect(try belay(Worker.subcommand).status == 64)
  }

  @Test("shell completions are made", arguments: ["bash", "zsh", "fish"])
  func completions(shell: String) throws {
    let outcome = try belay("--generate-completion-script", shell)
    #expect(outcome.status == 0)
    #expect(outcome.output.contains("rollback"))
  }
}

import ArgumentParser
import BelayBase
import BelayConformance
import BelayCore
import BelayDrivers
import BelayText
import Foundation
import SystemPackage

struct DriverTestCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "test",
    abstract: "Test a driver against the rules of the ABI.",
    discussion: """
      Tests each rule in a separate process, on databases that the test creates. Exits with 0 if no rule fails. A rule \
      that cannot be tested here is skipped; the reason is shown, and the last line counts the skipped rules.

      Examples:
        belay driver test --rules
        belay driver test belay-driver-acme.so --url 'acme:/tmp/test/{}.db' --drop 'rm -f /tmp/test/{}.db'
        belay driver test belay-driver-acme.so --url 'acme://localhost/{}' --rule 401 --rule 403
      """)

  @Argument(
    help: ArgumentHelp("The driver file: belay-driver-NAME.so.", valueName: "file"),
    completion: .file(extensions: ["so"]))
  var file: String?

  @Option(name: .long, help: ArgumentHelp("Where databases can be created; {} stands for a name.", valueName: "url"))
  var url: String?

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp("Test only this rule. Can be repeated.", valueName: "number"))
  var rule: [Int] = []

  @Option(
    name: .long,
    help: ArgumentHelp("What to put into the databases if the engine does not accept standard SQL.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml", "json"]))
  var specimen: String?

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp("A setting for the driver. Can be repeated.", valueName: "key=value"))
  var option: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "Shell command that removes a database; {} stands for its name. Default: databases are kept.",
      valueName: "command"))
  var drop: String?

  @Option(name: .long, help: ArgumentHelp("Time limit for each rule, overriding its own limit.", valueName: "seconds"))
  var limit: Int?

  func validate() throws {
    if let limit, !(1...86400).contains(limit) { throw ValidationError("--limit must be from 1 to 86400 seconds") }
  }

  @Flag(name: .long, help: "Ignore the extensions of the driver.") var coreOnly = false
  @Flag(name: .long, help: "Print every call of the driver, with its SQL text.") var trace = false
  @Flag(name: .long, help: "List the rules. Tests nothing.") var rules = false
  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let chosen = try chosenRules()
    if rules { return list(chosen, in: session) }
    let suite = try suite(in: session)
    var counts: [Verdict: Int] = [:]
    let leftovers: ConformanceSuite.Leftovers
    do {
      leftovers = try suite.run(chosen) { result in
        counts[result.verdict, default: 0] += 1
        session.renderer.show(result, as: Self.lines(of: result))
      }
    } catch {
      throw BelayError(.failed, error.reason)
    }
    if !leftovers.databases.isEmpty { session.renderer.show(.log(Self.notice(of: leftovers))) }
    return session.end(Self.result(counts))
  }

  private func chosenRules() throws(BelayError) -> [Rule] {
    if rule.isEmpty { return Rule.all }
    if let odd = rule.first(where: { Rule.numbered($0) == nil }) {
      throw BelayError(.usage, "there is no rule \(odd)", hint: "belay driver test --rules lists them")
    }
    return Rule.all.filter { rule.contains($0.number) }
  }

  private func list(_ rules: [Rule], in session: Session) -> ExitStatus {
    for rule in rules {
      let record = RuleRecord(number: rule.number, area: rule.area.rawValue, text: rule.text)
      session.renderer.show(record, as: ["\(rule.number)  \(rule.area.rawValue.padded(to: 12))  \(rule.text)"])
    }
    return session.end(RunResult(.done, "\(rules.count) rules"))
  }

  private func suite(in session: Session) throws(BelayError) -> ConformanceSuite {
    guard let file, let url else {
      throw BelayError(
        .usage, "the driver file or --url is missing",
        hint: "belay driver test belay-driver-NAME.so --url 'SCHEME:…{}…'")
    }
    let path = Configuration.absolute(file, from: session.currentFolder)
    guard DriverFileName.name(of: path) != nil else {
      throw BelayError(
        .usage, "\(file) is not named belay-driver-NAME.so",
        hint: "rename it: belay looks for a driver by its id, which is the NAME; mv \(file) belay-driver-NAME.so")
    }
    guard FileManager.default.fileExists(atPath: path) else { throw BelayError(.notFound, "there is no file \(path)") }
    guard let template = URLTemplate(url) else {
      throw BelayError(
        .usage, "the URL has no placeholder for a name: each rule creates its own databases",
        hint: "put {} where the name of a database belongs, as in sqlite:/tmp/test/{}.db")
    }
    var suite = ConformanceSuite(file: path, url: template, executable: session.executable)
    suite.specimen = try readSpecimen(from: session.currentFolder)
    suite.coreOnly = coreOnly
    suite.isTraced = trace
    suite.drop = drop
    suite.limit = limit.map { .seconds($0) }
    return suite
  }

  private func readSpecimen(from folder: String) throws(BelayError) -> Specimen {
    var read = Specimen()
    if let specimen {
      let path = Configuration.absolute(specimen, from: folder)
      do {
        read = try Specimen(
          yaml: String(decoding: try RegularFile.read(FilePath(path), most: 1 << 24), as: UTF8.self))
      } catch let error as Specimen.Unreadable {
        throw BelayError(.usage, "\(path) is not a valid specimen: \(error.reason)")
      } catch {
        throw BelayError(.notFound, "\(path) cannot be read", causes: ["\(error)"])
      }
    }
    for setting in option {
      guard let equals = setting.firstIndex(of: "="), equals != setting.startIndex else {
        throw BelayError(.usage, "--option needs KEY=VALUE, not \(setting)")
      }
      read.options[String(setting[..<equals])] = String(setting[setting.index(after: equals)...])
    }
    return read
  }

  private static func lines(of result: RuleResult) -> [String] {
    let word =
      switch result.verdict {
      case .pass: "pass      "
      case .fail: "FAIL      "
      case .skipped: "NOT TESTED"
      }
    let head = "\(word)  \(result.number)  \(result.text)"
    let below = (result.reason.map { [$0] } ?? []) + (result.calls ?? [])
    return [head] + below.map { "                 \($0)" }
  }

  private static func notice(of leftovers: ConformanceSuite.Leftovers) -> LogLine {
    let count = leftovers.databases.count
    let names =
      "\(count) \(count == 1 ? "database" : "databases") named \(leftovers.databases[0])\(count == 1 ? "" : " and so on")"
    let why = leftovers.failure.map { "--drop did not remove \(names): \($0)" }
    return LogLine(why == nil ? .notice : .warning, why ?? "left behind: \(names); --drop removes them")
  }

  private static func result(_ counts: [Verdict: Int]) -> RunResult {
    let (passed, failed, skipped) = (counts[.pass] ?? 0, counts[.fail] ?? 0, counts[.skipped] ?? 0)
    let summary = "\(passed) passed, \(failed) failed, \(skipped) not tested"
    guard failed > 0 else { return RunResult(.done, summary) }
    return RunResult(
      failure: BelayError(.failed, "the driver breaks \(failed) \(failed == 1 ? "rule" : "rules"): \(summary)"),
      summary: summary)
  }
}

/// A rule as `--rules --json` tells of it.
private struct RuleRecord: Encodable {
  let event = "rule"
  let number: Int
  let area: String
  let text: String

  private enum CodingKeys: String, CodingKey { case event, number, area, text }
}

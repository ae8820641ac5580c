import ArgumentParser
import BelayBase
import BelayCore
import BelayDrivers
import BelayRuns
import BelayText

struct DriverListCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "list",
    abstract: "List the drivers that belay finds.",
    discussion: """
      Loads each driver in a separate process. A driver that crashes or hangs is reported, and the others are still listed.

      Example:
        belay driver list
      """)

  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let search = session.drivers(session.settings(try session.configuration()))
    let found = search.installed()
    var unusable = 0
    let width = found.map(\.name.count).max() ?? 0
    for candidate in found {
      let record = try DriverRecordLine(candidate, search, DriverProbe(executable: session.executable))
      if record.verdict != "usable" { unusable += 1 }
      session.renderer.show(record, as: record.lines(width: width))
    }
    if found.isEmpty {
      throw BelayError(
        .notFound, "no driver was found",
        hint: "install one, or give its folder with --driver-path or BELAY_DRIVER_PATH"
      )
    }
    let count = found.count == 1 ? "1 driver" : "\(found.count) drivers"
    if unusable == 0 { return session.end(RunResult(.done, count)) }
    return session.end(RunResult(.doneWithWarnings, "\(count), of which \(unusable) cannot be used"))
  }
}

/// A driver as `list` and `info` show it.
struct DriverRecordLine: Encodable {
  let event = "driver"
  let name: String
  let path: String
  let origin: String
  /// "usable" or "refused"
  let verdict: String
  let reason: String?
  let version: String?
  let abi: String?
  let schemes: [String]?
  let extensions: [String]?
  let sha256: String
  let architecture: String?
  let needs: [String]
  let exports: [String]?
  let signer: String?
  /// When `belay driver install` installed it; nil if it was installed in another way.
  let installed: String?
  /// What it wrote while it was loaded.
  let printed: String?
  let hint: String?

  private enum CodingKeys: String, CodingKey {
    case event, name, path, origin, verdict, reason, version, abi, schemes, extensions, sha256, architecture, needs
    case exports, signer, installed, printed, hint
  }

  /// Loads it in a process of its own, unless it must not be loaded.
  init(_ candidate: DriverCandidate, _ search: DriverSearch, _ probe: DriverProbe) throws(BelayError) {
    let facts = DriverFacts(name: candidate.name, path: candidate.path, keys: search.keys)
    var report = DriverProbe.Report()
    var refusal = facts.refusal
    if case .refused(let error) = candidate.verdict { refusal = error }
    if let refusal {
      report.flaw = (refusal.message, refusal.hint)
    } else {
      report = try probe.look(at: candidate.path, as: candidate.name)
    }
    (name, path, origin) = (candidate.name, candidate.path, "\(candidate.origin)")
    verdict = report.flaw == nil ? "usable" : "refused"
    (reason, hint) = (report.flaw?.message, report.flaw?.hint)
    (version, abi) = (report.answer?.version, report.answer?.abi)
    (schemes, extensions) = (report.answer?.schemes, report.answer?.extensions)
    (sha256, architecture, needs, exports) = (facts.sha256, facts.architecture, facts.needed, facts.exported)
    signer = facts.signer?.text
    installed = facts.entry?.installed
    printed = report.printed
  }

  /// Why it may be used.
  private var trust: String {
    let record = installed.map { "unchanged since \($0)" } ?? "trusted because of its folder"
    return signer.map { "\(record), signed by \($0)" } ?? record
  }

  /// A rule that it broke while it was loaded.
  var remark: String? { printed.map { "it writes to stdout or stderr when it is loaded: \($0)" } }

  /// A few lines for `list`.
  func lines(width: Int) -> [String] {
    let head = name.padded(to: width)
    let indent = String(repeating: " ", count: width + 2)
    guard let version, let schemes, let extensions else {
      return ["\(head)  refused: \(reason ?? "")", "\(indent)\(path) (\(origin))"]
        + (hint.map { ["\(indent)hint: \($0)"] } ?? [])
    }
    let names = extensions.map { $0.replacing("belay.", with: "").replacing("/1", with: "") }
    return [
      "\(head)  \(version)  \(schemes.map { $0 + ":" }.joined(separator: " "))",
      "\(indent)\(path) (\(origin)), \(trust)",
      "\(indent)extensions: \(names.isEmpty ? "none" : names.joined(separator: " "))",
    ] + (remark.map { ["\(indent)defect: \($0)"] } ?? [])
  }

  /// All there is, for `info`.
  var table: [String] {
    let rows: [(String, String?)] = [
      ("file", path), ("sha-256", sha256), ("built for", architecture ?? "unknown: not an ELF file"),
      ("needs", needs.isEmpty ? nil : needs.joined(separator: " ")),
      ("exports", exports.map { $0.isEmpty ? "nothing" : $0.joined(separator: " ") }),
      ("ABI", abi), ("version", version), ("schemes", schemes?.joined(separator: " ")),
      ("extensions", extensions.map { $0.isEmpty ? "none" : $0.joined(separator: " ") }),
      ("installed", installed), ("signed by", signer ?? "nobody"),
      ("defect", remark),
    ]
    return rows.compactMap { row in row.1.map { "\(row.0.padded(to: 10))  \($0)" } }
  }
}

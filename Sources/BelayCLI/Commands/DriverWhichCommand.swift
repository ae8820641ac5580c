import ArgumentParser
import BelayBase
import BelayCore
import BelayDrivers
import BelayText

struct DriverWhichCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "which",
    abstract: "Show every candidate for a driver: which one is used, and why the others are not.",
    discussion: """
      Example:
        belay driver which sqlite
      """)

  @Argument(help: "The driver's name, as in belay-driver-NAME.so.", completion: .driver) var name: String
  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let search = session.drivers(session.settings(try session.configuration()))
    let candidates = search.candidates(named: name)
    for candidate in candidates {
      let record = CandidateRecord(candidate)
      session.renderer.show(
        record, as: ["\(record.verdict.padded(to: 7))  \(candidate.path)  (\(record.origin))\(record.suffix)"])
    }
    let used = candidates.first { if case .used = $0.verdict { true } else { false } }
    guard let used else {
      let names = search.installed().map(\.name).joined(separator: ", ")
      throw BelayError(
        .notFound, "no driver named \(name) can be used",
        hint: names.isEmpty
          ? "put belay-driver-\(name).so into a folder given with --driver-path or BELAY_DRIVER_PATH"
          : "available drivers: \(names)")
    }
    return session.end(RunResult(.done, "\(name) is \(used.path)"))
  }
}

/// A candidate as `--json` shows it.
private struct CandidateRecord: Encodable {
  let event = "driver"
  let name: String
  let path: String
  let origin: String
  let verdict: String
  let reason: String?

  private enum CodingKeys: String, CodingKey { case event, name, path, origin, verdict, reason }

  init(_ candidate: DriverCandidate) {
    name = candidate.name
    path = candidate.path
    origin = "\(candidate.origin)"
    switch candidate.verdict {
    case .used: (verdict, reason) = ("used", nil)
    case .skipped(let why): (verdict, reason) = ("skipped", why)
    case .refused(let error): (verdict, reason) = ("refused", error.message)
    }
  }

  /// The reason after a line.
  var suffix: String { reason.map { ": \($0)" } ?? "" }
}

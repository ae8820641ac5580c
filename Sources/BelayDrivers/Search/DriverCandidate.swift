/// A path at which a driver is looked for, and the result.
package struct DriverCandidate: Sendable, Equatable {
  /// Where the path comes from; in the order of the search.
  package enum Origin: String, Sendable, CaseIterable {
    /// `--driver-path`
    case option
    /// `BELAY_DRIVER_PATH`
    case environment
    /// The user's data folder.
    case user
    /// `PREFIX/lib/belay/drivers`
    case system
    /// Next to an executable in a build folder.
    case buildTree
  }

  package enum Verdict: Sendable, Equatable {
    /// This file is loaded. What only its code can show (its symbol, its table) has not been checked yet.
    case used
    /// Not considered, with the reason, e.g. that there is no such file.
    case skipped(String)
    /// It is the first file, and must not or cannot be used: no other file is loaded instead.
    case refused(DriverLoadError)

    /// Whether it is the first file of its name.
    package var isFirst: Bool { if case .skipped = self { false } else { true } }
  }

  package var name: String
  package var path: String
  package var origin: Origin
  package var verdict: Verdict

  package init(name: String, path: String, origin: Origin, verdict: Verdict) {
    self.name = name
    self.path = path
    self.origin = origin
    self.verdict = verdict
  }
}

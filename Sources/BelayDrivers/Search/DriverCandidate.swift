/// A place where a driver could lie, and what became of it.
package struct DriverCandidate: Sendable, Equatable {
  /// Which rule of the search led there; in the order of the search.
  package enum Origin: String, Sendable, CaseIterable {
    /// `--driver-path`
    case option
    /// `BELAY_DRIVER_PATH`
    case environment
    /// The user's data folder.
    case user
    /// `PREFIX/lib/belay/drivers`
    case system
    /// Beside an executable that was just built.
    case buildTree
  }

  package enum Verdict: Sendable, Equatable {
    /// This is the one that is loaded. What only its code can show (its symbol, its table) is not looked at yet.
    case taken
    /// Not looked into: the reason, e.g. that there is no such file.
    case passedOver(String)
    /// It is the first, and must not or cannot be used: nothing is loaded in its place.
    case refused(DriverLoadError)

    /// Whether it is the first file of its name.
    package var isFirst: Bool { if case .passedOver = self { false } else { true } }
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

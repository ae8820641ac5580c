import BelayText
import Glibc

/// Finds drivers. The first file of a name in the order of the search is the driver; if it must not or cannot be used,
/// that is an error, and no later one is used instead.
package struct DriverSearch: Sendable {
  let folders: [SearchFolder]
  /// The keys that may have signed drivers.
  package let keys: DriverKeys
  private let entryLimit: Duration
  private let onLoad: @Sendable (DriverCandidate) -> Void
  private let looks: DriverLooks

  /// - Parameters:
  ///   - paths: `--driver-path`, in order.
  ///   - executable: The path of the running executable.
  ///   - entryLimit: How long loading one may take. A driver that takes longer is an error.
  ///   - look: Returns the schemes of a driver without a record. nil: such a driver is found by its name only.
  ///   - onLoad: Called right before a driver's own code runs for the first time, so that a crash can be attributed to
  ///     it.
  package init(
    paths: [String], environment: [String: String], executable: String, entryLimit: Duration = Driver.entryLimit,
    look: DriverLook? = nil, onLoad: @escaping @Sendable (DriverCandidate) -> Void = { _ in }
  ) {
    folders = SearchFolder.all(options: paths, environment: environment, executable: executable)
    keys = DriverKeys(prefix: SearchFolder.prefix(ofExecutable: executable), environment: environment)
    self.entryLimit = entryLimit
    self.onLoad = onLoad
    looks = DriverLooks(look, keys: keys)
  }

  /// The folder into which drivers are installed for one user, or for all; nil if there is none.
  package func folder(for origin: DriverCandidate.Origin) -> String? {
    folders.first { $0.origin == origin && $0.isAbsolute }?.path
  }

  /// Every path at which this driver is looked for, in the order of the search, and which one is used. Loads nothing.
  package func candidates(named name: String) -> [DriverCandidate] {
    candidates(named: name) { path throws(DriverLoadError) in _ = try DriverFile(name: name, path: path, keys: keys) }
  }

  /// - Parameter check: Throws why the first file must not be used.
  private func candidates(
    named name: String, check: (_ path: String) throws(DriverLoadError) -> Void
  ) -> [DriverCandidate] {
    var first: String?
    return folders.flatMap { folder in
      folder.fileNames(for: name).map { file in
        let path = folder.path + "/" + file
        let verdict = verdict(on: path, of: name, in: folder, first: first, check: check)
        if case .skipped = verdict {} else { first = path }
        return DriverCandidate(name: name, path: path, origin: folder.origin, verdict: verdict)
      }
    }
  }

  /// The first candidate of every name, in the order of the search. Loads nothing.
  package func installed() -> [DriverCandidate] { firsts { candidates(named: $0) } }

  private func firsts(_ candidates: (_ name: String) -> [DriverCandidate]) -> [DriverCandidate] {
    var seen: Set<String> = []
    return folders.flatMap(\.driverNames).filter { seen.insert($0).inserted }.compactMap { name in
      candidates(name).first { $0.verdict.isFirst }
    }
  }

  /// Loads the driver of this name.
  package func load(named name: String) throws(DriverLoadError) -> Driver {
    guard DriverName.isValid(name) else {
      throw DriverLoadError(
        .noDriver, name: name, message: "\(name) cannot be the name of a driver",
        hint: "a driver's name consists of a-z, 0-9, - and _")
    }
    // Not checked twice: the check reads the whole file if it has a record.
    for candidate in candidates(named: name, check: { _ in }) {
      switch candidate.verdict {
      case .used:
        return try Driver.load(name: candidate.name, path: candidate.path, keys: keys, limit: entryLimit) {
          onLoad(candidate)
        }
      case .refused(let error): throw error
      case .skipped: continue
      }
    }
    throw DriverLoadError(.noDriver, name: name, message: "no driver named \(name) is installed", hint: howToGet(name))
  }

  /// Loads the driver for the URL's scheme, and no other:
  ///
  /// 1. a driver whose record lists the scheme: the one with that name, otherwise the first one found; 2. otherwise a
  /// driver with that name whose record lists no schemes; 3. otherwise the first of the drivers without such a record
  /// that reports the scheme to `look`.
  ///
  /// A driver that must not or cannot be used is an error for its own URLs only. If its schemes are not known, it is an
  /// error for the scheme with its name, and for schemes of no other driver, because it might be the right one.
  package func driver(forURL url: String) throws(DriverLoadError) -> Driver {
    let installed = firsts { candidates(named: $0) { _ in } }
    guard let scheme = URLScheme.of(url) else {
      throw DriverLoadError(
        .noDriver, name: "",
        message: "\(redact(url: url)) does not name a kind of database: a URL begins with a scheme",
        hint: "installed: \(overview(installed)); write e.g. \(example(installed)):\(redact(url: url))")
    }
    let recorded = installed.map { (candidate: $0, schemes: DriverRecord.schemes(beside: $0.path)) }
    let claiming = recorded.filter { $0.schemes?.contains(scheme) == true }.map(\.candidate)
    let silent = recorded.filter { $0.schemes == nil }.map(\.candidate)
    let isNamed = { (candidate: DriverCandidate) in candidate.name == scheme }
    for candidate in claiming.filter(isNamed) + claiming.filter({ !isNamed($0) }) + silent.filter(isNamed) {
      let driver = try load(named: candidate.name)
      if driver.schemes.contains(scheme) { return driver }
    }
    var broken: DriverLoadError?
    for candidate in silent where !isNamed(candidate) {
      switch looks.schemes(of: candidate) {
      case .success(let schemes) where schemes?.contains(scheme) == true: return try load(named: candidate.name)
      case .success: continue
      case .failure(let error): broken = broken ?? error
      }
    }
    guard var broken else {
      throw DriverLoadError(
        .noDriver, name: scheme,
        message: "no installed driver knows \(scheme): URLs; installed: \(overview(installed))", hint: howToGet(scheme))
    }
    broken.message = "no other driver knows \(scheme): URLs, and \(broken.message)"
    throw broken
  }

  /// Whether an installed driver may be the one for a URL: it has the scheme's name, its record or `look` says so, or nothing
  /// tells its schemes. Loads nothing.
  package func mayKnow(_ url: String) -> Bool {
    guard let scheme = URLScheme.of(url) else { return false }
    let installed = firsts { candidates(named: $0) { _ in } }
    return installed.contains { $0.name == scheme }
      || installed.contains { candidate in
        switch knownSchemes(of: candidate) {
        case .success(let schemes): schemes?.contains(scheme) ?? true
        case .failure: true
        }
      }
  }

  /// Why drivers must not or cannot be used, according to `look`. One that hangs takes as long as `look` allows.
  /// - Parameter sound: The path of a driver that is known to be usable.
  package func unusable(besides sound: String) -> [DriverLoadError] {
    firsts { candidates(named: $0) { _ in } }.filter { $0.path != sound }.compactMap { candidate in
      switch looks.schemes(of: candidate) {
      case .success: nil
      case .failure(let error): error
      }
    }
  }

  private func verdict(
    on path: String, of name: String, in folder: SearchFolder, first: String?,
    check: (_ path: String) throws(DriverLoadError) -> Void
  ) -> DriverCandidate.Verdict {
    guard folder.isAbsolute else { return .skipped("not an absolute path") }
    var status = stat()
    // lstat: a dangling link is a broken driver, not a missing one.
    guard lstat(path, &status) == 0 else {
      let reason = errno
      return reason == ENOENT || reason == ENOTDIR
        ? .skipped("no such file")
        : first.map { .skipped("\($0) comes first") }
          ?? .refused(
            DriverLoadError(
              .notLoadable, name: name, path: path, message: "cannot read \(path): \(String(errorNumber: reason))"))
    }
    if let first { return .skipped("\(first) comes first") }
    do throws(DriverLoadError) {
      try check(path)
      return .used
    } catch {
      return .refused(error)
    }
  }

  /// "acme (acme: acme2:), other (…)"
  private func overview(_ installed: [DriverCandidate]) -> String {
    let names = installed.map { candidate in
      switch knownSchemes(of: candidate) {
      case .success(let schemes?): "\(candidate.name) (\(schemes.map { $0 + ":" }.joined(separator: " ")))"
      case .success(nil): candidate.name
      case .failure: "\(candidate.name) (broken)"
      }
    }
    return names.isEmpty ? "none" : names.joined(separator: ", ")
  }

  private func example(_ installed: [DriverCandidate]) -> String {
    for candidate in installed {
      // A broken driver is not a good example; the list next to it says that it is broken.
      if case .success(let schemes?) = knownSchemes(of: candidate), let first = schemes.first { return first }
    }
    return "SCHEME"
  }

  private func knownSchemes(of candidate: DriverCandidate) -> Result<[String]?, DriverLoadError> {
    if let schemes = DriverRecord.schemes(beside: candidate.path) { return .success(schemes) }
    return looks.schemes(of: candidate)
  }

  private func howToGet(_ name: String) -> String {
    let places = folders.filter { $0.origin == .user || $0.origin == .system }.map(\.path)
    let place = places.isEmpty ? "a folder named by BELAY_DRIVER_PATH" : places.joined(separator: " or ")
    return "put \(DriverFileName.of(name)) into \(place)"
  }
}

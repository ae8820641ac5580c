import Glibc

/// Finds drivers. The first file of a name in the order of the search is the driver; if it must not or cannot be used,
/// that is an error, and no later one is taken in its place.
package struct DriverSearch: Sendable {
  let folders: [SearchFolder]

  /// paths: `--driver-path`, in order. executable: the path of the running one.
  package init(paths: [String], environment: [String: String], executable: String) {
    folders = SearchFolder.all(options: paths, environment: environment, executable: executable)
  }

  /// Every place where this driver could lie, in the order of the search, and why it was taken or passed over. Loads
  /// nothing.
  package func candidates(named name: String) -> [DriverCandidate] {
    var first: String?
    return folders.flatMap { folder in
      folder.fileNames(for: name).map { file in
        let path = folder.path + "/" + file
        let verdict = verdict(on: path, of: name, in: folder, first: first)
        if case .passedOver = verdict {} else { first = path }
        return DriverCandidate(name: name, path: path, origin: folder.origin, verdict: verdict)
      }
    }
  }

  /// The first candidate of every name, in the order of the search. Loads nothing.
  package func installed() -> [DriverCandidate] {
    var seen: Set<String> = []
    return folders.flatMap(\.driverNames).filter { seen.insert($0).inserted }.compactMap { name in
      candidates(named: name).first { if case .passedOver = $0.verdict { false } else { true } }
    }
  }

  /// Loads the driver of this name.
  package func load(named name: String) throws(DriverLoadError) -> Driver {
    guard DriverName.isValid(name) else {
      throw DriverLoadError(
        .noDriver, name: name, message: "no driver can be called \(name)",
        hint: "a driver's name is made of a-z, 0-9, - and _")
    }
    for candidate in candidates(named: name) {
      switch candidate.verdict {
      case .taken: return try Driver.load(candidate)
      case .refused(let error): throw error
      case .passedOver: continue
      }
    }
    throw DriverLoadError(.noDriver, name: name, message: "no driver named \(name) is installed", hint: howToGet(name))
  }

  /// Loads the driver that knows the URL's scheme: the one of that name if there is one, else the first that knows it. A
  /// broken driver on the way is an error: it might be the right one.
  package func driver(forURL url: String) throws(DriverLoadError) -> Driver {
    let installed = installed()
    guard let scheme = URLScheme.of(url) else {
      throw DriverLoadError(
        .noDriver, name: "", message: "\(redact(url: url)) names no kind of database: a URL begins with its scheme",
        hint: "installed: \(overview(installed)); write e.g. \(example(installed)):\(redact(url: url))")
    }
    let named = installed.filter { $0.name == scheme }
    for candidate in named + installed.filter({ $0.name != scheme }) {
      let driver = try load(named: candidate.name)
      if driver.schemes.contains(scheme) { return driver }
    }
    throw DriverLoadError(
      .noDriver, name: scheme, message: "no installed driver knows \(scheme): URLs; installed: \(overview(installed))",
      hint: howToGet(scheme))
  }

  private func verdict(
    on path: String, of name: String, in folder: SearchFolder, first: String?
  ) -> DriverCandidate.Verdict {
    guard folder.isAbsolute else { return .passedOver("not an absolute path") }
    var status = stat()
    // lstat: a link that leads nowhere is a broken driver, not a missing one.
    guard lstat(path, &status) == 0 else {
      let reason = errno
      return reason == ENOENT || reason == ENOTDIR
        ? .passedOver("no such file")
        : first.map { .passedOver("\($0) comes first") }
          ?? .refused(
            DriverLoadError(
              .notLoadable, name: name, path: path, message: "cannot look at \(path): \(String(errorNumber: reason))"))
    }
    if let first { return .passedOver("\(first) comes first") }
    do {
      _ = try DriverFile(name: name, path: path)
      return .taken
    } catch {
      return .refused(error)
    }
  }

  /// "acme (acme: acme2:), other (…)"
  private func overview(_ installed: [DriverCandidate]) -> String {
    let names = installed.map { candidate in
      do {
        let schemes = try load(named: candidate.name).schemes.map { $0 + ":" }.joined(separator: " ")
        return "\(candidate.name) (\(schemes))"
      } catch {
        return "\(candidate.name) (broken)"
      }
    }
    return names.isEmpty ? "none" : names.joined(separator: ", ")
  }

  private func example(_ installed: [DriverCandidate]) -> String {
    for candidate in installed {
      // One that is broken is no example; the list beside it says so.
      if let scheme = try? load(named: candidate.name).schemes.first { return scheme }
    }
    return "SCHEME"
  }

  private func howToGet(_ name: String) -> String {
    let places = folders.filter { $0.origin == .user || $0.origin == .system }.map(\.path)
    let place = places.isEmpty ? "a folder named by BELAY_DRIVER_PATH" : places.joined(separator: " or ")
    return "put belay-driver-\(name).so into \(place)"
  }
}

import Glibc

/// One folder of the search.
struct SearchFolder: Sendable, Equatable {
  var path: String
  var origin: DriverCandidate.Origin

  /// The folders in the order of the search. Never the current folder, and never the loader's own search path.
  /// executable: the path of the running executable.
  static func all(options: [String], environment: [String: String], executable: String) -> [SearchFolder] {
    var folders = options.map { SearchFolder(path: $0, origin: .option) }
    // An empty entry would mean the current folder.
    let listed = (environment["BELAY_DRIVER_PATH"] ?? "").split(separator: ":", omittingEmptySubsequences: true)
    folders += listed.map { SearchFolder(path: String($0), origin: .environment) }
    if let data = dataFolder(environment) {
      folders.append(SearchFolder(path: data + "/belay/drivers", origin: .user))
    }
    // With links resolved: PREFIX is where belay is installed, not where a link to it is.
    let real = realPath(executable) ?? executable
    if let bin = parent(of: real) {
      if let prefix = parent(of: bin) {
        folders.append(SearchFolder(path: (prefix == "/" ? "" : prefix) + "/lib/belay/drivers", origin: .system))
      }
      folders.append(SearchFolder(path: bin, origin: .buildTree))
    }
    return folders
  }

  /// The folder above the folder of the executable, with links resolved; nil if it is not known.
  static func prefix(ofExecutable executable: String) -> String? {
    parent(of: realPath(executable) ?? executable).flatMap { parent(of: $0) }
  }

  var isAbsolute: Bool { path.hasPrefix("/") }

  /// The names that a driver's file can have here. In a build tree it may have SwiftPM's prefix.
  func fileNames(for name: String) -> [String] {
    [DriverFileName.of(name)] + (origin == .buildTree ? [DriverFileName.built(name)] : [])
  }

  /// The name of the driver in a file of this name; nil for other files.
  private func driverName(ofFile file: String) -> String? {
    DriverFileName.name(of: file, isBuilt: origin == .buildTree)
  }

  /// The names of the drivers here, sorted. Empty if the folder cannot be read: a candidate in it says why.
  var driverNames: [String] {
    guard isAbsolute, let folder = opendir(path) else { return [] }
    defer { closedir(folder) }
    var names: Set<String> = []
    while let entry = readdir(folder) {
      let file = withUnsafePointer(to: &entry.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      if let name = driverName(ofFile: file) { names.insert(name) }
    }
    return names.sorted()
  }

  /// The XDG base directory rules: a relative folder is ignored.
  private static func dataFolder(_ environment: [String: String]) -> String? {
    if let data = environment["XDG_DATA_HOME"], data.hasPrefix("/") { return data }
    if let home = environment["HOME"], home.hasPrefix("/") { return home + "/.local/share" }
    return nil
  }

  private static func parent(of path: String) -> String? {
    guard path.hasPrefix("/"), path != "/", let slash = path.lastIndex(of: "/") else { return nil }
    return slash == path.startIndex ? "/" : String(path[..<slash])
  }

  private static func realPath(_ path: String) -> String? {
    guard let real = realpath(path, nil) else { return nil }
    defer { free(real) }
    return String(cString: real)
  }
}

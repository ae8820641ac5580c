import BelayDriverKit
import Glibc
import Synchronization

/// PostgreSQL's own client programs, of one version, in one folder.
struct Tools {
  /// E.g. /usr/lib/postgresql/15/bin.
  let folder: String
  /// The major version.
  let version: Int

  func path(_ program: String) -> String { folder + "/" + program }

  static let programs = ["pg_dump", "pg_restore", "psql"]

  /// Those that fit a server: its own version if installed, otherwise the oldest newer one. An older pg_dump refuses a
  /// newer server.
  ///
  /// - Parameters:
  ///   - server: as libpq numbers it, e.g. 150018.
  ///   - least: the version that is needed to read a dump, if it differs.
  ///   - folder: look only there.
  static func fitting(
    server: Int32, least: Int = 0, folder: String?, operation: Operation
  ) throws(DriverFailure) -> Tools {
    let major = Int(server) / 10000
    if let folder { try ToolFolder.refuseForeign(folder) }
    var found: [Tools] = []
    for place in folder.map({ [$0] }) ?? places() {
      guard let version = try version(in: place, operation) else { continue }
      found.append(Tools(folder: place, version: version))
    }
    let wanted = max(major, least)
    if let exact = found.first(where: { $0.version == wanted }) { return exact }
    if let newer = found.filter({ $0.version > wanted }).min(by: { $0.version < $1.version }) { return newer }
    throw missing(wanted, server: major, found, folder: folder)
  }

  private static func missing(_ wanted: Int, server: Int, _ found: [Tools], folder: String?) -> DriverFailure {
    let list = "pg_dump, pg_restore and psql"
    let reason =
      wanted > server
      ? "the dump was written by a newer pg_dump: \(list) of version \(wanted) or newer are needed to read it"
      : "the server is PostgreSQL \(server), and \(list) of version \(server) or newer are needed"
    let present = Set(found.map(\.version)).sorted().map(String.init).joined(separator: ", ")
    return DriverFailure(
      .unsupported,
      reason + (present.isEmpty ? ", and none were found" : "; found: \(present)")
        + (folder.map { " in \($0)" } ?? ""),
      hint: "type: \(InstallCommand.forClient(wanted)), or name their folder with the option tools_dir")
  }

  // MARK: Where they are

  /// Folders that may hold them: PATH first, then those in which distributions keep several versions side by side.
  private static func places() -> [String] {
    let path = getenv("PATH").map { String(cString: $0) } ?? ""
    // Relative paths depend on the current folder.
    let named = path.split(separator: ":").map(String.init).filter { $0.hasPrefix("/") }
    let patterns = [
      "/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/lib/postgresql*/bin", "/usr/lib64/postgresql-*/bin",
      "/usr/libexec/postgresql*", "/usr/local/pgsql/bin", "/opt/postgresql*/bin",
    ]
    var seen: Set<String> = []
    return (named + patterns.flatMap(matches)).filter { folder in
      guard let real = realPath(folder + "/pg_dump"), seen.insert(folder).inserted else { return false }
      // Debian's wrapper selects a version by its own rules; the programs themselves are in the versioned folders.
      return !real.hasSuffix("/pg_wrapper")
    }
  }

  private static func matches(_ pattern: String) -> [String] {
    var found = glob_t()
    defer { globfree(&found) }
    guard glob(pattern, 0, nil, &found) == 0 else { return [] }
    return (0..<Int(found.gl_pathc)).compactMap { found.gl_pathv[$0].map { String(cString: $0) } }
  }

  private static func realPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  // MARK: Their version

  private static let known = Mutex<[String: Int]>([:])

  /// The major version of the programs in a folder; nil if one is missing or reports no version. Read once per process.
  private static func version(in folder: String, _ operation: Operation) throws(DriverFailure) -> Int? {
    if let version = known.withLock({ $0[folder] }) { return version }
    guard programs.allSatisfy({ access(folder + "/" + $0, X_OK) == 0 }) else { return nil }
    let command = ToolCommand(
      path: folder + "/pg_dump", arguments: ["--version"], environment: ToolEnvironment.plain)
    let child: ChildProcess
    do throws(DriverFailure) {
      child = try ChildProcess(command, stopFlag: nil, operation)
    } catch {
      // A file that cannot be run is not a program of PostgreSQL's.
      return nil
    }
    defer { child.end() }
    guard try child.finish() == .exited(0), let version = major(in: child.answer) else { return nil }
    known.withLock { $0[folder] = version }
    return version
  }

  /// Parses `pg_dump (PostgreSQL) 15.18 (Debian …)`, `… 19devel`.
  private static func major(in line: String) -> Int? {
    guard let close = line.firstIndex(of: ")") else { return nil }
    let rest = line[line.index(after: close)...].drop { $0 == " " }
    return Int(rest.prefix { $0 >= "0" && $0 <= "9" })
  }
}

/// The command that installs PostgreSQL's client programs.
enum InstallCommand {
  static func forClient(_ version: Int) -> String {
    let system = release()
    func isLike(_ names: String...) -> Bool { names.contains { system.contains($0) } }
    if isLike("rhel", "fedora", "centos") { return "dnf install postgresql\(version)" }
    if isLike("suse") { return "zypper install postgresql\(version)" }
    if isLike("alpine") { return "apk add postgresql\(version)-client" }
    return "apt install postgresql-client-\(version)"
  }

  /// The values of ID and ID_LIKE in /etc/os-release; empty if there is no such file.
  private static func release() -> String {
    guard let file = fopen("/etc/os-release", "re") else { return "" }
    defer { fclose(file) }
    var buffer = [CChar](repeating: 0, count: 512)
    var words = ""
    while fgets(&buffer, Int32(buffer.count), file) != nil {
      let line = String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
      if line.hasPrefix("ID=") || line.hasPrefix("ID_LIKE=") { words += line }
    }
    return words
  }
}

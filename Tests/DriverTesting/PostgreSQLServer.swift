import Foundation
import Synchronization

/// A real PostgreSQL server of the tests' own: in a temporary folder, on a private socket, with no TCP port. Made once per
/// process and version, and stopped with it, also when the process is killed.
///
/// PostgreSQL refuses to run as root: there it runs as the user `postgres`.
package final class PostgreSQLServer: Sendable {
  package struct Failure: Error, CustomStringConvertible {
    package let description: String
  }

  /// Where initdb, postgres and psql lie, e.g. /usr/lib/postgresql/15/bin.
  package let programs: String
  /// Holds the socket, the data and the log.
  package let folder: String
  private let keeper: Process
  /// While it is open the server runs.
  private let lifeline: Pipe
  /// What the keeper says.
  private let answers: Pipe

  /// The newest installed server, or the one whose programs BELAY_TEST_POSTGRESQL names.
  package static func shared() throws -> PostgreSQLServer { try newest.get() }

  private static let newest = Result { try PostgreSQLServer(programs: try installed()) }

  private static func installed() throws -> String {
    if let chosen = ProcessInfo.processInfo.environment["BELAY_TEST_POSTGRESQL"] { return chosen }
    let root = "/usr/lib/postgresql"
    let versions = (try? FileManager.default.contentsOfDirectory(atPath: root)) ?? []
    let found = versions.compactMap(Int.init).sorted(by: >).map { "\(root)/\($0)/bin" }
      .first { FileManager.default.isExecutableFile(atPath: $0 + "/initdb") }
    guard let found else { throw Failure(description: "no PostgreSQL server is installed: scripts/needs installs one") }
    return found
  }

  /// Makes and starts a server.
  /// - Parameters:
  ///   - settings: lines of postgresql.conf.
  ///   - primary: it becomes a hot standby of this one.
  package init(programs: String, settings: [String] = [], standbyOf primary: PostgreSQLServer? = nil) throws {
    self.programs = programs
    folder = ServerFolder.fresh("pg")
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
    var become = ""
    if geteuid() == 0 {
      try Compiler.run("chown", ["postgres", folder])
      become = "setpriv --reuid=postgres --regid=postgres --clear-groups "
    }
    let lines = [
      "listen_addresses = ''", "unix_socket_directories = '\(folder)'", "fsync = off", "max_connections = 200",
      "wal_level = logical", "max_prepared_transactions = 4", "shared_buffers = 256MB", "max_wal_size = 512MB",
    ]
    let make =
      primary.map { "'\(programs)/pg_basebackup' -h '\($0.folder)' -U postgres -D data -R --no-sync --checkpoint=fast" }
      ?? "'\(programs)/initdb' -D data -U postgres -A trust -E UTF8 --locale=C.UTF-8 --no-sync"
    // The shell ends when the lifeline does: with this process, however it ends.
    let script = """
      set -e
      cd '\(folder)'
      \(become)\(make) >init.log 2>&1
      cat >>data/postgresql.conf <<'END'
      \((lines + settings).joined(separator: "\n"))
      END
      \(become)'\(programs)/pg_ctl' -D data -l log -w start >start.log 2>&1
      echo ready
      while read -r words; do
        if \(become)'\(programs)/pg_ctl' -D data -w $words >control.log 2>&1 </dev/null
        then echo ready; else echo failed; fi
      done
      \(become)'\(programs)/pg_ctl' -D data -m immediate -w stop >stop.log 2>&1 || true
      rm -rf '\(folder)'
      """
    keeper = Process()
    keeper.executableURL = URL(fileURLWithPath: "/bin/sh")
    keeper.arguments = ["-c", script]
    lifeline = Pipe()
    answers = Pipe()
    keeper.standardInput = lifeline
    keeper.standardOutput = answers
    // Ctrl+C at the terminal is for the tests: the server goes after them.
    try keeper.run()
    guard answers.fileHandleForReading.availableData == Data("ready\n".utf8) else {
      let words = ["init.log", "start.log", "log"].map {
        (try? String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8)) ?? ""
      }
      throw Failure(description: "the PostgreSQL server did not start: \(words.joined(separator: "\n"))")
    }
  }

  /// The keeper stops the server, and removes its folder.
  deinit {
    // It may have been closed by whoever has read the end of it.
    try? lifeline.fileHandleForWriting.close()
  }

  /// Runs pg_ctl on the server, e.g. "-m immediate stop", and waits for its end. Its keeper does it: a server that is
  /// started is a child of whoever starts it, and would never let a process of Foundation's end.
  package func control(_ words: String) throws {
    lifeline.fileHandleForWriting.write(Data((words + "\n").utf8))
    guard answers.fileHandleForReading.availableData == Data("ready\n".utf8) else {
      throw Failure(
        description: "pg_ctl: \((try? String(contentsOfFile: "\(folder)/control.log", encoding: .utf8)) ?? "")")
    }
  }

  /// Whether an extension can be created. Debian's servers have all that the tests use: one that is missing there fails the
  /// test. A server that BELAY_TEST_POSTGRESQL names may have been built without.
  package static func offers(extension name: String) -> Bool {
    guard ProcessInfo.processInfo.environment["BELAY_TEST_POSTGRESQL"] != nil else { return true }
    let found = try? shared().psql("SELECT count(*) FROM pg_available_extensions WHERE name = '\(name)'")
    return found != "0"
  }

  /// `postgres://USER@/DATABASE?host=SOCKETFOLDER`
  package func url(_ database: String, user: String = "postgres") -> String {
    let name = database.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? database
    let role = user.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? user
    return "postgres://\(role)@/\(name)?host=\(folder)"
  }

  /// A name for a database that no other test uses.
  package static func freshName(_ label: String = "test") -> String {
    label + "_" + UUID().uuidString.prefix(8).lowercased()
  }

  /// As SQL writes it.
  package static func quoted(_ name: String) -> String { "\"" + name.replacing("\"", with: "\"\"") + "\"" }

  /// Makes an empty database, or one with what SQL makes in it.
  @discardableResult
  package func makeDatabase(_ name: String = freshName(), _ sql: String = "") throws -> String {
    try psql("CREATE DATABASE \(Self.quoted(name))")
    if !sql.isEmpty { try psql(sql, database: name) }
    return name
  }

  /// Ends its sessions and removes it.
  package func dropDatabase(_ name: String) throws {
    try psql("DROP DATABASE IF EXISTS \(Self.quoted(name)) WITH (FORCE)")
  }

  package func databases() throws -> [String] {
    try psql("SELECT datname FROM pg_database WHERE NOT datistemplate ORDER BY 1").split(separator: "\n").map(
      String.init)
  }

  /// Runs SQL by psql, stops at the first error, and gives what it prints: unaligned, without headers.
  @discardableResult
  package func psql(_ sql: String, database: String = "postgres", user: String = "postgres") throws -> String {
    let name = "psql-\(UUID().uuidString)"
    let file = FileManager.default.temporaryDirectory.appendingPathComponent(name)
    try Data(sql.utf8).write(to: file)
    defer { try? FileManager.default.removeItem(at: file) }  // in the system's folder for temporary files
    return try run(
      "psql", ["-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-f", file.path, "-d", url(database, user: user)])
  }

  /// Schema and rows as text: equal text, equal database. What differs from one dump to the next is left out.
  package func dump(_ database: String, arguments: [String] = []) throws -> String {
    try run("pg_dump", arguments + ["-d", url(database)])
      .split(separator: "\n", omittingEmptySubsequences: false)
      .filter { !$0.hasPrefix("\\restrict") && !$0.hasPrefix("\\unrestrict") }
      .joined(separator: "\n")
  }

  /// Runs one of PostgreSQL's programs and gives what it prints; throws what it complains of if it fails.
  @discardableResult
  package func run(_ program: String, _ arguments: [String]) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "\(programs)/\(program)")
    process.arguments = arguments
    let output = Pipe()
    let errors = FileManager.default.temporaryDirectory.appendingPathComponent("errors-\(UUID().uuidString)")
    try Data().write(to: errors)
    defer { try? FileManager.default.removeItem(at: errors) }  // in the system's folder for temporary files
    process.standardOutput = output
    process.standardError = try FileHandle(forWritingTo: errors)
    process.standardInput = FileHandle.nullDevice
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      throw Failure(description: "\(program): \((try? String(contentsOf: errors, encoding: .utf8)) ?? "")")
    }
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
  }
}

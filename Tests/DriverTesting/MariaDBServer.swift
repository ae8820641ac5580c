import Foundation

/// A real MariaDB server of the tests' own: in a temporary folder, on a private socket, with no TCP port. Made once per
/// process, and stopped with it, also when the process is killed.
package final class MariaDBServer: Sendable {
  package struct Failure: Error, CustomStringConvertible {
    package let description: String
  }

  /// Holds the socket, the data and the log.
  package let folder: String
  private let keeper: Process
  /// While it is open the server runs.
  private let lifeline: Pipe

  package static func shared() throws -> MariaDBServer { try only.get() }

  private static let only = Result { try MariaDBServer() }

  /// The example's driver, built by its Makefile into the folder of these tests, where belay looks for drivers.
  package static func driver() throws { try built.get() }

  private static let built = Result {
    let tests = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let folder = URL(fileURLWithPath: tests).deletingLastPathComponent().path
    try Compiler.run("make", ["-s", "-C", "\(Compiler.repository)/Plugins/Examples/mariadb", "OUT=\(folder)"])
  }

  /// Makes and starts a server.
  /// - Parameter settings: options of mariadbd, e.g. `--event-scheduler=ON`.
  package init(settings: [String] = []) throws {
    // Short: a socket's path has room for 107 bytes.
    folder = ServerFolder.fresh("my")
    try FileManager.default.createDirectory(
      atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o755])
    var user = ""
    if geteuid() == 0 {
      try Compiler.run("chown", ["mysql", folder])
      user = "--user=mysql"
    }
    let options = [
      "--no-defaults", user, "--datadir='\(folder)/data'", "--socket='\(folder)/socket'", "--skip-networking",
      "--pid-file='\(folder)/pid'", "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=64M",
      "--skip-log-bin", "--max-connections=200", "--character-set-server=utf8mb4", "--skip-name-resolve",
      "--max-allowed-packet=256M",
    ]
    // The shell ends when the lifeline does: with this process, however it ends.
    let script = """
      cd '\(folder)' || exit 1
      PATH=$PATH:/usr/sbin
      mariadb-install-db --no-defaults \(user) --datadir='\(folder)/data' --skip-test-db \
        --auth-root-authentication-method=normal >init.log 2>&1 || exit 1
      { mariadbd \((options + settings).joined(separator: " ")) & echo $! >server; wait $!; echo $? >ended; } >log 2>&1 &
      until [ -s server ]; do sleep 0.01; done
      server=$(cat server)
      tries=0
      until mariadb-admin --no-defaults --socket='\(folder)/socket' --user=root ping >start.log 2>&1; do
        tries=$((tries + 1))
        [ $tries -lt 300 ] || exit 1
        kill -0 $server 2>/dev/null || exit 1
        sleep 0.1
      done
      echo ready
      cat >/dev/null || true
      kill -9 $server
      wait
      rm -rf '\(folder)'
      """
    keeper = Process()
    keeper.executableURL = URL(fileURLWithPath: "/bin/sh")
    keeper.arguments = ["-c", script]
    lifeline = Pipe()
    let answers = Pipe()
    keeper.standardInput = lifeline
    keeper.standardOutput = answers
    try keeper.run()
    guard answers.fileHandleForReading.availableData == Data("ready\n".utf8) else {
      let words = ["init.log", "start.log", "log"].map {
        (try? String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8)) ?? ""
      }
      throw Failure(description: "the MariaDB server did not start: \(words.joined(separator: "\n"))")
    }
  }

  /// `mariadb://USER@localhost/DATABASE?socket=…`
  package func url(_ database: String, user: String = "root") -> String {
    func escaped(_ text: String) -> String {
      text.addingPercentEncoding(withAllowedCharacters: .alphanumerics) ?? text
    }
    return "mariadb://\(escaped(user))@localhost/\(escaped(database))?socket=\(folder)/socket"
  }

  /// A name for a database that no other test uses.
  package static func freshName(_ label: String = "test") -> String {
    label + "_" + UUID().uuidString.prefix(8).lowercased()
  }

  /// Makes an empty database, or one with what SQL makes in it.
  @discardableResult
  package func makeDatabase(_ name: String = freshName(), _ sql: String = "") throws -> String {
    try client("CREATE DATABASE \(Self.quoted(name))")
    if !sql.isEmpty { try client(sql, database: name) }
    return name
  }

  package func dropDatabase(_ name: String) throws { try client("DROP DATABASE IF EXISTS \(Self.quoted(name))") }

  package func databases() throws -> [String] {
    try client("SHOW DATABASES").split(separator: "\n").map(String.init)
  }

  package static func quoted(_ name: String) -> String { "`" + name.replacing("`", with: "``") + "`" }

  /// Runs SQL by MariaDB's own client, stops at the first error, and gives what it prints: without headers.
  @discardableResult
  package func client(_ sql: String, database: String? = nil, user: String = "root") throws -> String {
    try run(
      "mariadb", ["--batch", "--skip-column-names", "--user=\(user)"] + (database.map { ["--", $0] } ?? []), sql)
  }

  /// Schema and rows as text: equal text, equal database. The values that tables hand out next are left out.
  package func dump(_ database: String) throws -> String {
    try run(
      "mariadb-dump",
      [
        "--user=root", "--skip-dump-date", "--routines", "--triggers", "--events", "--hex-blob", "--order-by-primary",
        "--skip-extended-insert", "--", database,
      ], ""
    ).split(separator: "\n", omittingEmptySubsequences: false)
      .filter { !$0.hasPrefix("-- ") && !$0.hasPrefix("/*M!999999") }
      .joined(separator: "\n").replacing(#/ AUTO_INCREMENT=[0-9]+/#, with: "")
  }

  /// The end of the server's log, where the server has ended: it says what the server died of.
  private var lastWordsOfTheServer: String {
    guard (try? String(contentsOfFile: "\(folder)/ended", encoding: .utf8)) != nil,
      let log = try? String(contentsOfFile: "\(folder)/log", encoding: .utf8)
    else { return "" }
    return "the server has ended; its log:\n" + log.split(separator: "\n").suffix(80).joined(separator: "\n")
  }

  /// Starts MariaDB's own client on some SQL, and leaves it to itself.
  package func hold(_ database: String, _ sql: String) throws -> Process {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["mariadb", "--no-defaults", "--socket=\(folder)/socket", "--user=root", database, "-e", sql]
    process.standardOutput = FileHandle.nullDevice
    process.standardError = FileHandle.nullDevice
    try process.run()
    return process
  }

  /// Runs one of MariaDB's programs and gives what it prints; throws what it complains of if it fails.
  @discardableResult
  package func run(_ program: String, _ arguments: [String], _ input: String) throws -> String {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program, "--no-defaults", "--socket=\(folder)/socket"] + arguments
    let temporary = FileManager.default.temporaryDirectory
    let files = ["sql", "errors"].map { temporary.appendingPathComponent("\($0)-\(UUID().uuidString)") }
    defer { for file in files { try? FileManager.default.removeItem(at: file) } }  // in the system's temporary folder
    try Data(input.utf8).write(to: files[0])
    try Data().write(to: files[1])
    process.standardInput = try FileHandle(forReadingFrom: files[0])
    process.standardError = try FileHandle(forWritingTo: files[1])
    let output = Pipe()
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    process.waitUntilExit()
    guard process.terminationStatus == 0 else {
      let complaint = (try? String(contentsOf: files[1], encoding: .utf8)) ?? ""
      throw Failure(description: "\(program): \(complaint)\(lastWordsOfTheServer)")
    }
    return text.hasSuffix("\n") ? String(text.dropLast()) : text
  }
}

import BelayDrivers
import DriverTesting
import Foundation
import Testing

/// PostgreSQL's own programs: which are taken, and what the world sees of them.
@Suite struct ToolsTests {
  /// A folder of programs that only tell a version, and then do what the script says.
  private func tools(version: String, script: String = "exit 9") throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    for program in ["pg_dump", "pg_restore", "psql"] {
      try folder.file(
        program,
        """
        #!/bin/sh
        if [ "$1" = --version ]; then echo "\(program) (PostgreSQL) \(version)"; exit 0; fi
        \(script)
        """, mode: 0o755)
    }
    return folder
  }

  @Test(arguments: ["9.6.24", "12.3 (Debian 12.3-1)"])
  func `programs older than the server do not fit, and the package that would is named`(_ version: String) throws {
    let sample = try Sample()
    let folder = try tools(version: version)
    let connection = try sample.connect(["tools_dir": folder.path])
    defer { connection.close() }
    let error = try failure { _ = try connection.dumped() }
    let major = try #require(Int(sample.psql("SHOW server_version_num"))) / 10000
    #expect(error.code == .unsupported)
    #expect(error.message.contains("found: \(version.prefix { $0 != "." })"), "\(error)")
    #expect(error.hint?.contains("\(major)") ?? false)
    #expect(connection.formats().isEmpty)
  }

  @Test func `a folder without them is named`() throws {
    let sample = try Sample()
    let folder = try TemporaryFolder()
    let connection = try sample.connect(["tools_dir": folder.path])
    defer { connection.close() }
    let error = try failure { _ = try connection.dumped() }
    #expect(error.code == .unsupported)
    #expect(error.message.contains(folder.path))
  }

  /// What others may do to it is done to the folder, to a program, or to where a link leads.
  @Test(
    arguments: ["folder", "psql", "link", "folder of a link"],
    [("writable by its group", "chmod g+w"), ("writable by all", "chmod o+w"), ("of another user", "chown nobody")])
  func `a folder of tools in which others could exchange a program is not used, and the way to mend it is named`(
    _ what: String, _ done: (name: String, command: String)
  ) throws {
    // Only root can give a file away.
    guard geteuid() == 0 || !done.command.hasPrefix("chown") else { return }
    let sample = try Sample()
    let folder = try tools(version: "99.1")
    let elsewhere = try TemporaryFolder()
    let real = try elsewhere.file("real", "#!/bin/sh\n", mode: 0o755)
    if what.hasSuffix("link") {
      try FileManager.default.removeItem(atPath: folder("psql"))
      try FileManager.default.createSymbolicLink(atPath: folder("psql"), withDestinationPath: real)
    }
    let path = ["folder": folder.path, "psql": folder("psql"), "link": real, "folder of a link": elsewhere.path][what]
    try Compiler.run("/bin/sh", ["-c", "\(done.command) '\(try #require(path))'"])
    let connection = try sample.connect(["tools_dir": folder.path])
    defer { connection.close() }
    let error = try failure { _ = try connection.dumped() }
    #expect(error.code == .denied)
    #expect(error.message.hasPrefix("the option tools_dir is not used: "), "\(error.message)")
    #expect(error.message.contains(try #require(path)), "\(error.message)")
    #expect(error.hint?.contains(done.command.hasPrefix("chown") ? "chown root" : "chmod go-w") == true)
    // Mended, it is used.
    try Compiler.run(
      "/bin/sh", ["-c", "chmod go-w '\(try #require(path))'; [ $(id -u) != 0 ] || chown root '\(try #require(path))'"])
    let again = try sample.connect(["tools_dir": folder.path])
    defer { again.close() }
    let used = try failure { _ = try again.dumped() }
    #expect(used.code != .denied && used.message.contains("status 9"), "\(used)")
  }

  @Test func `a program's errors are reported, at most a few kilobytes, and only its status if it writes none`()
    throws
  {
    let sample = try Sample()
    let major = try #require(Int(sample.psql("SHOW server_version_num"))) / 10000
    let cases = [
      ("echo 'pg_dump: error: the disk is tired' >&2; exit 1", "pg_dump: the disk is tired"),
      ("exit 7", "status 7"), ("kill -9 $$", "signal 9"),
      ("head -c 3000000 /dev/zero | tr '\\0' x >&2; exit 1", "xxx"),
    ]
    for (script, words) in cases {
      let folder = try tools(version: "\(major).1", script: script)
      let connection = try sample.connect(["tools_dir": folder.path])
      defer { connection.close() }
      let error = try failure { _ = try connection.dumped() }
      #expect(error.message.contains(words), "\(error.message.prefix(300))")
      #expect(error.message.utf8.count < 20_000)
    }
  }

  @Test func `programs that are being written at this moment are taken once they are`() throws {
    let sample = try Sample()
    let major = try #require(Int(sample.psql("SHOW server_version_num"))) / 10000
    let folder = try tools(version: "\(major).1", script: "exit 7")
    let writing = open(folder("pg_dump"), O_WRONLY | O_CLOEXEC)
    try #require(writing >= 0)
    let closing = Thread {
      usleep(300_000)
      close(writing)
    }
    closing.start()
    let connection = try sample.connect(["tools_dir": folder.path])
    defer { connection.close() }
    let error = try failure { _ = try connection.dumped() }
    #expect(error.message.contains("status 7"), "\(error)")
  }

  @Test func `a program that reads nothing and never ends is ended with the call, and waited for`() throws {
    let sample = try Sample()
    let major = try #require(Int(sample.psql("SHOW server_version_num"))) / 10000
    let mark = try TemporaryFolder()
    let folder = try tools(
      version: "\(major).1", script: "trap '' TERM INT; echo $$ >'\(mark("pid"))'; while :; do sleep 0.05; done")
    let connection = try sample.connect(["tools_dir": folder.path])
    defer { connection.close() }
    let number = mark("pid")
    @Sendable func process() -> pid_t? {
      (try? String(contentsOfFile: number, encoding: .utf8)).flatMap {
        $0.hasSuffix("\n") ? pid_t($0.dropLast()) : nil
      }
    }
    let cancellation = Cancellation()
    after(0) {
      try eventually { process() != nil }
      cancellation.cancel()
    }
    let error = try failure { _ = try connection.dumped(operation: .init(cancellation: cancellation)) }
    #expect(error.code == .cancelled)
    let process = try #require(process())
    // Reaped: not even a zombie has the number.
    #expect(kill(process, 0) == -1 && errno == ESRCH)
    _ = folder
  }

  @Test func `passwords are in no argument, and nothing of the host's is open in the program`() throws {
    let server = try PasswordServer.shared.get()
    let name = try server.makeDatabase()
    let major = try #require(Int(server.psql("SHOW server_version_num"))) / 10000
    let mark = try TemporaryFolder()
    // Looks at itself, as any user of the machine could, then does what it was told.
    let folder = try tools(
      version: "\(major).1",
      script: """
        tr '\\0' ' ' </proc/$$/cmdline >'\(mark("arguments"))'
        env >'\(mark("environment"))'
        ls -l /proc/$$/fd >'\(mark("files"))'
        exec '\(server.programs)/pg_dump' "$@"
        """)
    let secret = try mark.file("open", "host's own")
    // Not all libraries that a host uses say that their files are its own.
    let opened = [O_CLOEXEC, 0].map { open(secret, O_RDONLY | $0) }
    defer { for descriptor in opened { close(descriptor) } }
    setenv("PG_COLOR", "always", 1)
    defer { unsetenv("PG_COLOR") }
    let connection = try BuiltDriver.postgresql.get().open(
      "postgres://guarded:right%40one@/\(name)?host=\(server.folder)",
      options: [DriverOption(key: "tools_dir", value: folder.path, isSecret: false)], operation: .init())
    defer { connection.close() }
    #expect(try connection.dumped().starts(with: "PGDMP".utf8))
    let arguments = try String(contentsOfFile: mark("arguments"), encoding: .utf8)
    let environment = try String(contentsOfFile: mark("environment"), encoding: .utf8)
    #expect(arguments.contains("--format=custom") && arguments.contains("guarded"))
    #expect(!arguments.contains("right@one") && !arguments.contains("right%40one"))
    // It works in belay's own session, which is open already.
    #expect(!environment.contains("right@one"))
    #expect(environment.contains("LC_ALL=C"))
    #expect(!environment.contains("PG_COLOR"))
    #expect(try !String(contentsOfFile: mark("files"), encoding: .utf8).contains(secret))
  }
}

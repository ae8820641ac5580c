import DriverTesting
import Foundation
import Testing

@Suite("scripts/test, with a swift that only says that it tested")
struct TestScriptTests {
  private static let shares = [
    "--filter ^(PostgreSQL|MariaDB)DriverTests", "--filter PostgreSQL|MariaDB", "--filter D1|DriverContract",
    #"--filter ^EndToEndTests\.[A-L]"#,
    #"--filter ^EndToEndTests\.[^A-L]"#, "--skip ",
  ]

  @Test("tests that pass end with 0, and leave nothing in the folder for temporary files")
  func passing() throws {
    let run = try Self.run()
    #expect(run.outcome.status == 0, "\(run.outcome)")
    for share in Self.shares {
      #expect(run.outcome.output.contains("test --skip-build --ignore-lock \(share)"), "\(run)")
    }
    #expect(run.left.isEmpty)
  }

  @Test("tests that fail in one share end with 1, and what they said is shown", arguments: shares)
  func failing(share: String) throws {
    let run = try Self.run(["FAILING": share])
    #expect(run.outcome.status == 1, "\(run.outcome)")
    #expect(run.outcome.output.contains("Test run with 7 tests failed"))
    #expect(run.left.isEmpty)
  }

  @Test("a share in which nothing ran is no success", arguments: shares)
  func empty(share: String) throws {
    let run = try Self.run(["EMPTY": share])
    #expect(run.outcome.status == 1, "\(run.outcome)")
    #expect(run.outcome.errors.contains("no tests ran in the share"))
    #expect(run.left.isEmpty)
  }

  @Test("a share that breaks off is a failure, and what had not ended in it is named", arguments: shares)
  func broken(share: String) throws {
    let run = try Self.run(["BROKEN": share])
    #expect(run.outcome.status == 1, "\(run.outcome)")
    let end = try #require(run.outcome.errors.components(separatedBy: "broke off").last)
    #expect(end.contains("\n  Test \"a slow one\"\n") && end.contains("unexpected signal code 11"), "\(end)")
    #expect(!end.contains("  Test \"a quick one\"\n"))
    #expect(run.left.isEmpty)
  }

  @Test("a build that fails ends it, and no test runs")
  func notBuilt() throws {
    let run = try Self.run(["FAILING": "--build-tests"])
    #expect(run.outcome.status != 0, "\(run.outcome)")
    #expect(!run.outcome.output.contains("Test run"))
  }

  @Test("SIGTERM ends the tests that run, and it")
  func terminated() throws {
    let folder = try Self.folder()
    let running = try Self.start(in: folder, ["SLOW": "1"])
    let deadline = Date(timeIntervalSinceNow: 60)
    let mark = folder("started")
    func started() -> [String] {
      (try? String(contentsOfFile: mark, encoding: .utf8))?.split(separator: "\n").map(String.init) ?? []
    }
    while started().count < Self.shares.count, Date() < deadline { usleep(20_000) }
    let tests = started().compactMap { pid_t($0) }
    try #require(tests.count == Self.shares.count)
    running.process.terminate()
    let outcome = try running.wait()
    #expect(outcome.status == 130, "\(outcome)")
    while tests.contains(where: { kill($0, 0) == 0 }), Date() < deadline { usleep(20_000) }
    #expect(tests.allSatisfy { kill($0, 0) != 0 })
    #expect(try Self.left(in: folder).isEmpty)
  }

  @Test("a share that does not end is ended, with what runs shown, and is a failure")
  func stuck() throws {
    let run = try Self.run(["SLOW": "1", "BELAY_TEST_LIMIT": "8"])
    #expect(run.outcome.status == 1, "\(run.outcome)")
    #expect(run.outcome.errors.contains("not finished after 8 s"))
    #expect(run.outcome.errors.contains("sleep 60"))
    #expect(run.left.isEmpty)
  }

  @Test("nothing that it has started outlives it for long, however soon its tests end")
  func outlived() throws {
    for _ in 0..<20 {
      let folder = try Self.folder()
      _ = try Self.start(in: folder, [:]).wait()
      try eventually { Self.processes(in: folder).isEmpty }
    }
  }

  /// Whose current folder it is.
  private static func processes(in folder: TemporaryFolder) -> [pid_t] {
    let all = (try? FileManager.default.contentsOfDirectory(atPath: "/proc"))?.compactMap { pid_t($0) } ?? []
    return all.filter {
      (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/\($0)/cwd")) == folder.path
    }
  }

  private static func run(_ environment: [String: String] = [:]) throws -> (outcome: Program.Outcome, left: [String]) {
    let folder = try folder()
    let outcome = try start(in: folder, environment).wait()
    return (outcome, try left(in: folder))
  }

  private static func left(in folder: TemporaryFolder) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder("tmp"))
  }

  private static func folder() throws -> TemporaryFolder {
    let folder = try TemporaryFolder()
    _ = try folder.copy(Compiler.repository + "/scripts/test", to: "scripts/test")
    _ = try folder.folder("tmp")
    for name in ["scripts/needs", "bin/make"] { try folder.file(name, "#!/bin/sh\n", mode: 0o755) }
    try folder.file(
      "bin/swift",
      """
      #!/bin/sh
      # A share is known by what its arguments begin with.
      said=${*#test --skip-build --ignore-lock }
      case $said in "${FAILING:-nothing}"* | "build"*" ${FAILING:-nothing}") failing=1 ;; *) failing=0 ;; esac
      case $said in "${EMPTY:-nothing}"*) empty=1 ;; *) empty=0 ;; esac
      case $1 in build) exit $failing ;; esac
      case $said in
        "${BROKEN:-nothing}"*)
          printf '%s\\n' '◇ Test "a quick one" started.' '◇ Test "a slow one" started.'
          printf '%s\\n' '✔ Test "a quick one" with 2 test cases passed after 1.2 seconds.'
          echo 'error: Exited with unexpected signal code 11'
          exit 1
          ;;
      esac
      if [ "${SLOW:-}" ]; then echo $$ >>started; exec sleep 60; fi
      echo "$*"
      case $empty$failing in
        1*) echo "Test run with 0 tests in 0 suites passed" ;;
        01) echo "Test run with 7 tests failed"; exit 1 ;;
        *) echo "Test run with 7 tests passed" ;;
      esac
      """, mode: 0o755)
    return folder
  }

  private static func start(in folder: TemporaryFolder, _ environment: [String: String]) throws -> Program.Running {
    let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin"
    return try Program.start(
      folder("scripts/test"), [], in: URL(filePath: folder.path),
      environment: environment.merging(["PATH": "\(folder("bin")):\(path)", "TMPDIR": folder("tmp")]) { mine, _ in mine
      })
  }
}

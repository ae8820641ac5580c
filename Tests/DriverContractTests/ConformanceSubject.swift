import DriverTesting
import Foundation
import Testing

/// A driver that is held to the rules, and what is not told of it.
struct ConformanceSubject: Sendable, CustomTestStringConvertible {
  var name: String
  var testDescription: String { name }
  /// The driver's file.
  var file: @Sendable () throws -> String
  /// Where databases can be made, with `{}` for a name.
  var url: @Sendable (_ folder: String) throws -> String
  /// From the root of the tree.
  var specimen: String?
  /// As if the driver had no extensions.
  var coreOnly = false
  var environment: @Sendable () throws -> [String: String] = { [:] }
  /// The rules that cannot be tested with it: so that one that gets lost is noticed.
  var skipped: Set<Int>

  static let all: [ConformanceSubject] = [
    minimal, faulty, faultyCore, otherEngine, sqlite, sqliteCore, postgresql, d1, d1Core, mariadb,
  ]

  /// Its results; made once.
  func results() async throws -> [RuleRecord] { try await ConformanceRuns.shared.results(of: self) }
}

extension ConformanceSubject {
  private static let folder = Result { try TemporaryFolder() }

  /// The product, built beside these tests, under the name that it is installed with.
  private static func product(_ name: String) -> Result<String, any Error> {
    Result {
      let link = try folder.get()("belay-driver-\(name).so")
      let built = try BelayProgram.path().deletingLastPathComponent().appending(path: "libbelay-driver-\(name).so")
      try FileManager.default.createSymbolicLink(at: URL(filePath: link), withDestinationURL: built)
      return link
    }
  }

  /// An example, built by its one command.
  private static func example(_ name: String, _ more: [String] = []) -> Result<String, any Error> {
    Result {
      let target = try folder.get().folder("\(name)\(more.count)")
      let source = "\(Compiler.repository)/Plugins/Examples/\(name)"
      for file in try FileManager.default.contentsOfDirectory(atPath: source) where !file.hasSuffix(".so") {
        try FileManager.default.copyItem(atPath: "\(source)/\(file)", toPath: "\(target)/\(file)")
      }
      let make = ["-s", "-C", target, "ABI=\(Compiler.repository)/Sources/CBelayDriver"]
      try Compiler.run("make", make + more)
      return "\(target)/belay-driver-\(name).so"
    }
  }

  private static let minimalFile = example("minimal")
  static let faultyFile = example("faulty")
  /// Linked without the version script.
  static let exportingFile = example("faulty", ["MAP="])
  private static let sqliteFile = product("sqlite")
  private static let postgresqlFile = product("postgresql")
  private static let d1File = product("d1")

  private static let core = Set(701...899)

  /// The example that an author reads first.
  static let minimal = ConformanceSubject(
    name: "minimal", file: { try minimalFile.get() }, url: { "minimal:\($0)/{}.txt" },
    specimen: "Plugins/Examples/minimal/specimen.yaml",
    skipped: core.union(311...316).union([104, 408, 423, 424, 425]).union(503...508).union(601...607))

  /// What the rules are tested on, on its best behaviour.
  static let faulty = ConformanceSubject(
    name: "faulty", file: { try faultyFile.get() }, url: { "faulty:\($0)/{}" },
    specimen: "Plugins/Examples/faulty/specimen.yaml", skipped: [507, 508])

  /// An SQL engine behind the mandatory core alone: the host's fallbacks.
  static let faultyCore = faulty.withCoreOnly()

  /// An engine that makes unquoted names upper case, has no VALUES lists, tells its counters in a table that is none, and its
  /// CHECKs as objects of a kind of its own.
  static let otherEngine = ConformanceSubject(
    name: "faulty, as another engine", file: { try faultyFile.get() }, url: { "faulty:\($0)/{}" },
    specimen: "Plugins/Examples/faulty/engines.yaml",
    environment: { ["BELAY_FAULTY": "folds-names,one-row-lists,virtual-counters,check-objects"] }, skipped: [728])

  static let sqlite = ConformanceSubject(
    name: "sqlite", file: { try sqliteFile.get() }, url: { "sqlite:\($0)/{}.db" },
    specimen: "Plugins/SQLite/specimen.yaml",
    skipped: [408, 508, 728, 801, 811, 831, 832, 891, 892, 893])

  static let sqliteCore = sqlite.withCoreOnly()

  /// With a real server, which goes with the tests, and its databases with it.
  static let postgresql = ConformanceSubject(
    name: "postgresql", file: { try postgresqlFile.get() },
    url: { _ in try PostgreSQLServer.shared().url("NAME").replacing("NAME", with: "{}") },
    specimen: "Plugins/PostgreSQL/specimen.yaml",
    environment: { ["PGHOST": try PostgreSQLServer.shared().folder, "PGUSER": "postgres"] },
    skipped: [206, 605, 606, 801, 811, 894])

  private static let account = Result {
    // No test here is to wait for what only guards the real service.
    try FakeD1.shared().makeAccount(["query_seconds": 3, "rate_calls": 1_000_000])
  }

  /// Against the fake.
  static let d1 = ConformanceSubject(
    name: "d1", file: { try d1File.get() }, url: { _ in "d1://\(try account.get().id)/{}" },
    specimen: "Plugins/D1/specimen.yaml",
    environment: {
      ["CLOUDFLARE_API_TOKEN": try account.get().token, "CLOUDFLARE_API_BASE_URL": try account.get().baseURL]
    }, skipped: Set([206, 507, 508, 601, 602, 603, 604, 605, 606, 747, 782, 783, 831, 832]).union(881...894))

  static let d1Core = d1.withCoreOnly(alsoSkipped: [607])

  /// The example in C with a real server, which goes with the tests.
  static let mariadb = ConformanceSubject(
    name: "mariadb",
    file: {
      try MariaDBServer.driver()
      return try BelayProgram.path().deletingLastPathComponent().appending(path: "belay-driver-mariadb.so").path
    },
    url: { _ in try MariaDBServer.shared().url("NAME").replacing("NAME", with: "{}") },
    specimen: "Plugins/Examples/mariadb/specimen.yaml",
    // Where its client looks for the server and the user.
    environment: {
      let home = try folder.get().folder("home-of-mariadb")
      try "[client]\nsocket=\(try MariaDBServer.shared().folder)/socket\nuser=root\n".write(
        toFile: "\(home)/.my.cnf", atomically: true, encoding: .utf8)
      return ["HOME": home]
    },
    skipped: Set([206, 604, 606, 782, 801, 811, 851, 871]).union(881...883).union(721...763).union(891...893))

  private func withCoreOnly(alsoSkipped: Set<Int> = []) -> ConformanceSubject {
    var subject = self
    subject.name = "\(name), core only"
    subject.coreOnly = true
    // Without dumps the host makes the text itself.
    subject.skipped = skipped.filter { $0 != 507 && !(701...899).contains($0) }.union(Self.core).union(alsoSkipped)
    return subject
  }
}

/// Every subject's results, made once for all tests.
actor ConformanceRuns {
  static let shared = ConformanceRuns()
  private var runs: [String: Task<[RuleRecord], any Error>] = [:]

  func results(of subject: ConformanceSubject) async throws -> [RuleRecord] {
    let run = runs[subject.name] ?? Task.detached { try BelayProgram.test(subject, ["--limit", "600"]) }
    runs[subject.name] = run
    return try await run.value
  }
}

import BelayDrivers
import DriverTesting
import Foundation
import Testing

@Suite("Contract: opening")
struct OpeningTests {
  @Test("the extensions that a driver claims are there, and usable", arguments: ContractSubject.all)
  func extensions(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    #expect(Set(bench.driver.extensionIDs).isSuperset(of: subject.extensions.map(\.rawValue)))
    let connection = try bench.fill()
    for id in DriverExtension.allCases where subject.has(id) {
      #expect(try connection.support(for: id) == .available, "\(id.rawValue)")
    }
  }

  @Test("what does not exist is not found, and not made", arguments: ContractSubject.all)
  func notFound(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    for _ in 1...2 {
      let error = try bench.failure { _ = try bench.open() }
      #expect(error.code == .notFound)
      #expect(error.outcome == .notApplied)
    }
  }

  @Test("create makes a database once, and fails on one with something in it", arguments: ContractSubject.all)
  func create(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    try bench.fill().close()
    let error = try bench.failure { _ = try bench.create() }
    #expect(error.outcome == .notApplied)
    #expect(try bench.rows(bench.open()) == Set(subject.rows))
  }

  @Test("an unknown option is refused", arguments: ContractSubject.all)
  func unknownOption(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    try bench.fill().close()
    let error = try bench.failure { _ = try bench.open(options: [DriverOption(key: "no such option", value: "1")]) }
    #expect(error.code == .invalid)
  }

  @Test("a scratch folder may be named", arguments: ContractSubject.all)
  func scratchFolder(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    try bench.fill().close()
    _ = try bench.open(options: [.scratchFolder(bench.folder.folder("tmp"))])
  }

  @Test("read-only reads, and writes nothing", arguments: ContractSubject.all)
  func readOnly(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    try bench.fill().close()
    let connection = try bench.open(options: [.readOnly])
    #expect(try bench.rows(connection) == Set(subject.rows))
    let error = try bench.failure { try bench.insert([[.text("new"), .null]], into: connection) }
    #expect(error.code == .denied)
    #expect(error.outcome == .notApplied)
    #expect(try bench.rows(connection) == Set(subject.rows))
  }

  @Test(
    "a file that is no database is refused, and left as it is",
    arguments: ContractSubject.all.filter { $0.garbage != nil })
  func garbage(subject: ContractSubject) throws {
    let garbage = try #require(subject.garbage)
    let bench = try Bench(subject)
    let file = String(bench.url().drop { $0 != "/" })
    try Data(garbage.utf8).write(to: URL(fileURLWithPath: file))
    let error = try bench.failure { _ = try bench.open() }
    #expect(error.code == .corrupt)
    #expect(try Data(contentsOf: URL(fileURLWithPath: file)) == Data(garbage.utf8))
  }

  @Test("one database has one identity, by whatever connection; two have two", arguments: ContractSubject.all)
  func identity(subject: ContractSubject) throws {
    let bench = try Bench(subject)
    let (one, other) = (try bench.fill("one"), try bench.fill("other"))
    let again = try bench.open("one")
    #expect(one.traits.identity == again.traits.identity)
    #expect(one.traits.identity != other.traits.identity)
    try bench.insert([[.text("new"), .null]], into: again)
    #expect(try one.describe().identity == one.traits.identity, "also after a write")
  }

  @Test("a driver exports one symbol, and imports nothing that prints or exits", arguments: ContractSubject.all)
  func symbols(subject: ContractSubject) throws {
    let driver = try Bench(subject).driver
    #expect(try symbols("--defined-only", of: driver) == ["belay_driver_v1"])
    let imported = try symbols("--undefined-only", of: driver)
    #expect(!imported.isEmpty)
    // The last is Swift.print.
    let printing: Set<String> = [
      "stdout", "stderr", "printf", "__printf_chk", "vprintf", "puts", "putchar", "perror", "exit",
      "$ss5print_9separator10terminatoryypd_S2StF",
    ]
    #expect(imported.isDisjoint(with: printing), "\(imported.intersection(printing))")
  }

  private func symbols(_ which: String, of driver: Driver) throws -> Set<String> {
    let process = Process()
    let output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/nm")
    process.arguments = ["-D", "--extern-only", which, "--without-symbol-versions", driver.path]
    process.standardOutput = output
    try process.run()
    let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    return Set(text.split(whereSeparator: \.isNewline).compactMap { $0.split(separator: " ").last.map(String.init) })
  }
}

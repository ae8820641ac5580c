import Foundation
import Testing

@Suite("A URL loads its own driver and no other, whatever lies beside it")
struct OtherDriversTests {
  private let shop: Workspace
  private let machine: DriverFolder
  private var drivers: String { machine.folder.path + "/drivers" }

  init() throws {
    shop = try Workspace()
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")  // for doctor
    machine = try DriverFolder()
    try machine.build(["-DENTRY_DOES=*(volatile int *)8 = 1"], as: "alpha", in: "drivers")
    try machine.build(["-DENTRY=belay_driver_v2"], as: "beta", in: "drivers")
    try machine.build(as: "gamma", in: "drivers")
  }

  /// The drivers that a process loaded, by the system's loader: the file's name without `lib`, by process.
  private func loaded(_ log: String) throws -> [Int32: [String]] {
    var found: [Int32: [String]] = [:]
    for file in try FileManager.default.contentsOfDirectory(atPath: log) {
      let process = try #require(file.split(separator: ".").last.flatMap { Int32($0) })
      let text = try String(contentsOfFile: log + "/" + file, encoding: .utf8)
      found[process] = text.split(separator: "\n").filter { $0.contains("dynamically loaded by") }
        .compactMap { $0.firstMatch(of: /belay-driver-([a-z0-9]+)\.so/).map { String($0.1) } }
    }
    return found
  }

  /// The process that did a run, by its journal.
  private func worker() throws -> Int32 {
    let runs = shop.store.appending(path: "runs").path
    let run = try #require(
      try FileManager.default.contentsOfDirectory(atPath: runs).first { !$0.hasPrefix(".") })
    let journal = try String(contentsOfFile: "\(runs)/\(run)/journal.ndjson", encoding: .utf8)
    return try #require(journal.firstMatch(of: /"process(?:ID)?":([0-9]+)/).flatMap { Int32($0.1) }, "\(journal)")
  }

  @Test(
    "a crashing, an old and a sound driver of other schemes are not loaded by the worker",
    arguments: ["file", "sqlite"])
  func ownDriver(scheme: String) throws {
    let log = machine.folder.path + "/loader"
    try FileManager.default.createDirectory(atPath: log, withIntermediateDirectories: true)
    try shop.migration("001_phone.sql", "ALTER TABLE customers ADD COLUMN phone TEXT;")
    let run = try shop.belay(
      ["migrate", "\(scheme):shop.db", "--yes", "--driver-path", drivers],
      environment: ["LD_DEBUG": "files", "LD_DEBUG_OUTPUT": log + "/of"])
    #expect([0, 3].contains(run.status), "\(run)")
    #expect(try shop.sqlite("SELECT count(*) FROM pragma_table_info('customers') WHERE name = 'phone'") == "1")
    let loaded = try loaded(log)
    #expect(Set(try #require(loaded[worker()])) == ["sqlite"], "\(loaded)")
    let others = Set(loaded.values.joined()).intersection(["alpha", "beta", "gamma"])
    // A scheme that is a driver's name needs no look at the others; `file` is told by SQLite's driver alone.
    #expect(others == (scheme == "sqlite" ? [] : ["alpha", "beta", "gamma"]), "\(loaded)")
    #expect(loaded.values.allSatisfy { Set($0).count < 2 }, "\(loaded)")
  }

  @Test("its own URL names the broken driver, `driver list` and `doctor` name it too")
  func told() throws {
    for (url, message) in [("alpha:x", "it was loading driver alpha"), ("beta:x", "is for ABI version 2")] {
      let run = try shop.belay("backup", url, "--driver-path", drivers)
      #expect([20, 22].contains(run.status) && run.errors.contains(message), "\(run)")
    }
    let list = try shop.belay("driver", "list", "--driver-path", drivers)
    #expect(list.status == 3, "\(list)")
    #expect(list.output.contains("driver alpha crashes when it is loaded: signal 11"), "\(list)")
    let doctor = try shop.belay("doctor", "file:shop.db", "--driver-path", drivers)
    #expect([0, 3].contains(doctor.status), "\(doctor)")
    #expect(
      doctor.output.contains(
        "broken, but not needed for this target: driver alpha crashes when it is loaded: signal 11")
        && doctor.output.contains("broken, but not needed for this target: driver beta is for ABI version 2")
        && !doctor.output.contains("gamma"), "\(doctor)")
  }

  @Test("a driver that hangs costs its time, and no more")
  func hanging() throws {
    try machine.build(["-DENTRY_DOES=for (;;) pause()"], as: "delta", in: "drivers")
    let began = ContinuousClock.now
    let run = try shop.belay("backup", "file:shop.db", "--driver-path", drivers)
    #expect(run.status == 0, "\(run)")
    #expect(ContinuousClock.now - began < .seconds(60))
  }

  @Test("the schemes of an installed driver are known: no other is looked at, though it has another name")
  func installed() throws {
    let file = try machine.build(["-USCHEMES", "-DSCHEMES=\"other\""], as: "epsilon")
    try #require(try machine.driver("install", file).status == 0)
    let log = machine.folder.path + "/loader"
    try FileManager.default.createDirectory(atPath: log, withIntermediateDirectories: true)
    // It opens nothing: what counts is what was loaded.
    _ = try shop.belay(
      ["backup", "other:x", "--driver-path", drivers],
      environment: [
        "LD_DEBUG": "files", "LD_DEBUG_OUTPUT": log + "/of",
        "XDG_DATA_HOME": machine.folder.path + "/home/.local/share",
      ])
    #expect(try Set(loaded(log).values.joined()) == ["epsilon"])
  }
}

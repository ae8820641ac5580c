import DriverTesting
import Foundation
import Synchronization
import Testing

@testable import BelayDrivers

@Suite("A URL finds its own driver")
struct URLTests {
  private let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Writes down what was loaded, and what was looked at.
  private final class Witness: Sendable {
    let loaded = Mutex<[String]>([])
    let looked = Mutex<[String]>([])
  }

  private func search(_ witness: Witness) -> DriverSearch {
    DriverSearch(
      paths: [folder.path], environment: [:], executable: "/nowhere/bin/belay",
      look: { name, path throws(DriverLoadError) in
        witness.looked.withLock { $0.append(name) }
        return try Driver.load(name: name, path: path, keys: .none).schemes
      }, onLoad: { candidate in witness.loaded.withLock { $0.append(candidate.name) } })
  }

  /// What the URL loads, or why nothing; and what was loaded and looked at for that.
  private func find(
    _ url: String
  ) -> (id: String?, error: DriverLoadError?, loaded: [String], looked: [String]) {
    let witness = Witness()
    var (id, error): (String?, DriverLoadError?) = (nil, nil)
    do throws(DriverLoadError) {
      id = try search(witness).driver(forURL: url).id
    } catch let failure {
      error = failure
    }
    return (id, error, witness.loaded.withLock { $0 }, witness.looked.withLock { $0 })
  }

  private func build(_ name: String, _ schemes: String, _ flags: [String] = []) throws {
    try BuiltDrivers.build(name, schemes: schemes, flags, in: folder)
  }

  private func entry(_ name: String, _ schemes: [String]?, sha256: String? = nil) -> DriverRecord.Entry {
    let sum = sha256 ?? DriverFacts(name: name, path: folder("belay-driver-\(name).so"), keys: .none).sha256
    return DriverRecord.Entry(
      sha256: sum, version: "0.1", schemes: schemes, installed: nil, from: nil, signature: nil)
  }

  /// Records what was built, as an installation does.
  private func record(_ name: String, _ schemes: [String]?, previous: DriverRecord.Entry? = nil) throws {
    let record = DriverRecord(installed: entry(name, schemes), previous: previous)
    try JSONEncoder().encode(record).write(to: URL(filePath: folder("belay-driver-\(name).so.json")))
  }

  @Test("by the record, without a look at any other")
  func recorded() throws {
    for name in ["a", "b", "c"] {
      try build(name, "\(name)\(name) x\(name)")
      if name != "a" { try record(name, [name + name, "x" + name]) }
    }
    let found = find("XC:1")
    #expect(found.id == "c")
    #expect(found.loaded == ["c"])
    #expect(found.looked == [])
  }

  @Test("without a record, by its file's name, and none is looked at")
  func named() throws {
    for name in ["aa", "bb", "cc"] { try build(name, name) }
    let found = find("bb:1")
    #expect(found.id == "bb")
    #expect(found.loaded == ["bb"])
    #expect(found.looked == [])
  }

  @Test("else by a look at those without a record, in their order, and only the one for it is loaded")
  func looked() throws {
    for name in ["aa", "bb", "cc", "dd"] { try build(name, "\(name) x\(name)") }
    try record("aa", ["aa", "xaa"])
    let found = find("xcc:1")
    #expect(found.id == "cc")
    #expect(found.loaded == ["cc"])
    #expect(found.looked == ["bb", "cc"])
  }

  @Test("a record of an older belay says nothing of schemes: that driver is looked at")
  func olderRecord() throws {
    try build("aa", "xaa")
    try record("aa", nil)
    let path = folder("belay-driver-aa.so.json")
    #expect(try !String(contentsOfFile: path, encoding: .utf8).contains("schemes"))
    let found = find("xaa:1")
    #expect(found.id == "aa" && found.looked == ["aa"])
  }

  @Test("a record wins over a file's name, and among records the driver that is called like the scheme, else the first")
  func several() throws {
    try build("yy", "yy")
    try build("bb", "yy zz")
    try build("cc", "yy zz")
    for name in ["bb", "cc"] { try record(name, ["yy", "zz"]) }
    #expect(find("yy:1").id == "bb")
    #expect(find("zz:1").id == "bb")
    try record("yy", ["yy"])
    #expect(find("yy:1").id == "yy")
    // Its record says that its own name is no scheme of it.
    try build("zz", "other")
    try record("zz", ["other"])
    let found = find("zz:1")
    #expect(found.id == "bb" && found.loaded == ["bb"])
  }

  @Test("where installation was cut off, by the record of the file that lies there")
  func cutOff() throws {
    try build("aa", "xaa")
    try record("aa", ["xaa"], previous: entry("aa", ["old"], sha256: String(repeating: "0", count: 64)))
    #expect(find("xaa:1").id == "aa")
    #expect(find("old:1").id == nil)
    let new = DriverRecord(
      installed: entry("aa", ["new"], sha256: String(repeating: "0", count: 64)), previous: entry("aa", ["xaa"]))
    try JSONEncoder().encode(new).write(to: URL(filePath: folder("belay-driver-aa.so.json")))
    #expect(find("xaa:1").id == "aa")
    #expect(find("new:1").loaded == [])
  }

  /// A driver that cannot be used, and what the error for its own URLs holds.
  struct Flaw: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var flags: [String] = []
    var isRecorded = false
    let message: String
    var spoil: @Sendable (TemporaryFolder) throws -> Void = { _ in }
  }

  private static let flaws = [
    Flaw(testDescription: "the wrong ABI", flags: ["-DENTRY=belay_driver_v2"], message: "is for ABI version 2"),
    Flaw(testDescription: "a hole in its table", flags: ["-DEMPTY_SLOT=query"], message: "query is NULL"),
    Flaw(testDescription: "a symbol that is nowhere", flags: ["-DNEEDS"], message: "it uses needed"),
    Flaw(
      testDescription: "no library", message: "is not an ELF file",
      spoil: { try $0.file("belay-driver-aa.so", "text", mode: 0o755) }),
    Flaw(
      testDescription: "rights for everybody", message: "is not trusted",
      spoil: { try $0.setMode(0o666, of: "belay-driver-aa.so") }),
    Flaw(
      testDescription: "a record that cannot be read", message: "cannot be read",
      spoil: { try $0.file("belay-driver-aa.so.json", "{") }),
    Flaw(
      testDescription: "another file than the recorded one", isRecorded: true,
      message: "is not the file that was installed",
      spoil: { folder in
        let handle = try FileHandle(forWritingTo: URL(filePath: folder("belay-driver-aa.so")))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data([0]))
      }),
    Flaw(
      testDescription: "the wrong ABI, with a record", flags: ["-DENTRY=belay_driver_v2"], isRecorded: true,
      message: "is for ABI version 2"),
  ]

  @Test("a broken driver is an error for its own URLs, and for nobody else's", arguments: flaws)
  func broken(flaw: Flaw) throws {
    try build("aa", "aa xaa", flaw.flags)
    if flaw.isRecorded { try record("aa", ["aa", "xaa"]) }
    try flaw.spoil(folder)
    try build("bb", "bb xbb")
    for url in ["bb:1", "xbb:1"] {
      let found = find(url)
      #expect(found.id == "bb", "\(found)")
      #expect(found.loaded == ["bb"])
    }
    for url in ["aa:1", "xaa:1"] {
      let found = find(url)
      #expect(found.error?.message.contains(flaw.message) == true, "\(found)")
      #expect(found.error?.name == "aa")
      #expect(!found.loaded.contains("bb"))
    }
    let elsewhere = find("zz:1").error
    if flaw.isRecorded {
      #expect(elsewhere?.kind == .noDriver)
    } else {
      // It might be the one for it.
      #expect(elsewhere?.message.hasPrefix("no other driver knows zz: URLs, and ") == true, "\(elsewhere as Any)")
    }
    #expect(search(Witness()).unusable(besides: folder("belay-driver-bb.so")).map(\.name) == ["aa"])
  }

  @Test("what others can write to is not even looked at")
  func untrusted() throws {
    try build("aa", "xaa")
    try folder.setMode(0o666, of: "belay-driver-aa.so")
    #expect(find("xaa:1").looked == [])
  }

  @Test("each file is looked at once, however many URLs there are")
  func once() throws {
    for name in ["aa", "bb"] { try build(name, "x" + name) }
    let witness = Witness()
    let search = search(witness)
    for _ in 0..<3 { _ = try search.driver(forURL: "xbb:1") }
    #expect(throws: DriverLoadError.self) { try search.driver(forURL: "none:1") }
    #expect(witness.looked.withLock { $0 } == ["aa", "bb"])
  }

  @Test("where nobody can look, a driver without a record is found by its name alone")
  func nobodyLooks() throws {
    try build("aa", "aa xaa")
    #expect(try BuiltDrivers.search(folder).driver(forURL: "aa:1").id == "aa")
    let error = #expect(throws: DriverLoadError.self) { try BuiltDrivers.search(folder).driver(forURL: "xaa:1") }
    #expect(error?.message == "no installed driver knows xaa: URLs; installed: aa")
  }
}

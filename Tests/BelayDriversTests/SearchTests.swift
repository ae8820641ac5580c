import DriverTesting
import Foundation
import Testing

@testable import BelayDrivers

@Suite("The search for drivers")
struct SearchTests {
  /// A machine with a place of every origin.
  private struct Machine {
    let folder: TemporaryFolder
    let search: DriverSearch

    init() throws {
      folder = try TemporaryFolder()
      _ = try folder.folder("prefix/bin")
      search = DriverSearch(
        paths: [folder("option")],
        environment: [
          "BELAY_DRIVER_PATH": ":\(folder("first"))::relative:\(folder("second")):", "HOME": folder("home"),
        ],
        executable: folder("prefix/bin/belay"),
        look: { name, path throws(DriverLoadError) in
          try Driver.load(name: name, path: path, keys: .none).schemes
        })
    }

    func install(_ place: String) throws -> String { try folder.copy(BuiltDrivers.sound(), to: place) }
  }

  private static let places = [
    "option/belay-driver-sound.so", "first/belay-driver-sound.so", "second/belay-driver-sound.so",
    "home/.local/share/belay/drivers/belay-driver-sound.so", "prefix/lib/belay/drivers/belay-driver-sound.so",
    "prefix/bin/belay-driver-sound.so", "prefix/bin/libbelay-driver-sound.so",
  ]

  @Test("each place is searched, and those before it win", arguments: places.indices)
  func order(index: Int) throws {
    let machine = try Machine()
    let installed = try Self.places[index...].map { try machine.install($0) }
    #expect(try machine.search.load(named: "sound").path == installed.first)
    let candidates = machine.search.candidates(named: "sound")
    let existing = candidates.filter { $0.verdict != .skipped("no such file") && $0.path.hasPrefix("/") }
    #expect(existing.map(\.path) == installed)
    #expect(existing.first?.verdict == .used)
    let first = try #require(installed.first)
    #expect(existing.dropFirst().allSatisfy { $0.verdict == .skipped("\(first) comes first") })
  }

  @Test("every place is listed with its origin and why it was skipped")
  func listed() throws {
    let machine = try Machine()
    let candidates = machine.search.candidates(named: "sound")
    #expect(
      candidates.map(\.origin)
        == [.option, .environment, .environment, .environment, .user, .system, .buildTree, .buildTree])
    #expect(candidates.filter { $0.verdict == .skipped("not an absolute path") }.map(\.path).count == 1)
    #expect(candidates.filter { $0.verdict == .skipped("no such file") }.count == 7)
  }

  @Test("XDG_DATA_HOME replaces the folder under HOME, unless it is relative")
  func dataHome() throws {
    func user(_ data: String) -> [String] {
      DriverSearch(
        paths: [], environment: ["XDG_DATA_HOME": data, "HOME": "/home/me"], executable: "/opt/belay/bin/belay"
      ).candidates(named: "x").filter { $0.origin == .user }.map(\.path)
    }
    #expect(user("/data") == ["/data/belay/drivers/belay-driver-x.so"])
    #expect(user("data") == ["/home/me/.local/share/belay/drivers/belay-driver-x.so"])
    let bare = DriverSearch(paths: [], environment: [:], executable: "/opt/belay/bin/belay").candidates(named: "x")
    #expect(bare.map(\.path).first == "/opt/belay/lib/belay/drivers/belay-driver-x.so")
  }

  @Test("PREFIX is where belay lies, not where a link to it lies")
  func prefixThroughLink() throws {
    let machine = try Machine()
    try machine.folder.file("prefix/bin/belay", "")
    _ = try machine.folder.folder("links")
    try FileManager.default.createSymbolicLink(
      atPath: machine.folder("links/belay"), withDestinationPath: "../prefix/bin/belay")
    let installed = try machine.install("prefix/lib/belay/drivers/belay-driver-sound.so")
    let search = DriverSearch(paths: [], environment: [:], executable: machine.folder("links/belay"))
    #expect(try search.load(named: "sound").path == installed)
  }

  @Test("the current folder and LD_LIBRARY_PATH are no places")
  func neverThere() throws {
    let here = FileManager.default.currentDirectoryPath
    let search = DriverSearch(
      paths: [], environment: ["LD_LIBRARY_PATH": "/somewhere", "BELAY_DRIVER_PATH": ":"],
      executable: "/opt/belay/bin/belay")
    let folders = search.candidates(named: "x").map { ($0.path as NSString).deletingLastPathComponent }
    #expect(folders.allSatisfy { $0.hasPrefix("/opt/belay/") && $0 != here })
  }

  @Test("a broken driver is an error, and no later one is used instead")
  func brokenFirst() throws {
    let machine = try Machine()
    try machine.folder.file("option/belay-driver-sound.so", "not a library")
    _ = try machine.install("first/belay-driver-sound.so")
    #expect(throws: DriverLoadError.self) { try machine.search.load(named: "sound") }
    let verdicts = machine.search.candidates(named: "sound").map(\.verdict)
    guard case .refused(let error) = verdicts[0] else {
      Issue.record("\(verdicts[0])")
      return
    }
    #expect(error.kind == .notLoadable)
    #expect(verdicts[1] == .skipped("\(machine.folder("option/belay-driver-sound.so")) comes first"))
    #expect(machine.search.installed().map(\.verdict) == [.refused(error)])
  }

  @Test("installed are the first of every name, and nothing but drivers")
  func installed() throws {
    let machine = try Machine()
    let sound = try machine.install("first/belay-driver-sound.so")
    _ = try machine.install("second/belay-driver-sound.so")
    let other = try machine.install("second/belay-driver-other.so")
    for file in ["belay-driver-.so", "belay-driver-Up.so", "libbelay-driver-x.so", "belay-driver-x.so.old", "x.so"] {
      try machine.folder.file("first/" + file, "")
    }
    #expect(machine.search.installed().map(\.path) == [sound, other])
  }

  @Test("a name that could lead elsewhere is no driver's", arguments: ["", "../x", "a/b", "A", "x.so", "a b"])
  func badNames(name: String) throws {
    let error = #expect(throws: DriverLoadError.self) {
      try DriverSearch(paths: ["/tmp"], environment: [:], executable: "/nowhere/bin/belay").load(named: name)
    }
    #expect(error?.kind == .noDriver)
  }

  @Test("the error for a missing driver says how to get it")
  func notInstalled() throws {
    let machine = try Machine()
    let error = #expect(throws: DriverLoadError.self) { try machine.search.load(named: "acme") }
    #expect(error?.message == "no driver named acme is installed")
    #expect(error?.hint?.contains("put belay-driver-acme.so into ") == true)
    #expect(error?.hint?.contains(machine.folder("prefix/lib/belay/drivers")) == true)
  }

  @Test("a URL finds its driver by scheme, in any case", arguments: ["sound:x", "SOUND://x", "Sound+X:y"])
  func byScheme(url: String) throws {
    let machine = try Machine()
    _ = try machine.install("first/belay-driver-sound.so")
    #expect(try machine.search.driver(forURL: url).id == "sound")
  }

  @Test("an unknown scheme names the drivers there are, with theirs")
  func unknownScheme() throws {
    let machine = try Machine()
    _ = try machine.install("first/belay-driver-sound.so")
    let error = #expect(throws: DriverLoadError.self) { try machine.search.driver(forURL: "acme://u:secret@h/db") }
    #expect(error?.kind == .noDriver)
    #expect(error?.name == "acme")
    #expect(error?.message == "no installed driver knows acme: URLs; installed: sound (sound: sound+x:)")
    #expect(error?.hint?.contains("belay-driver-acme.so") == true)
    #expect(!machine.search.mayKnow("acme:x") && machine.search.mayKnow("Sound+X:y"))
  }

  @Test("a path is not guessed at: it needs a scheme", arguments: ["app.db", "/var/app.db", "./a", "C:app", ""])
  func noScheme(url: String) throws {
    let machine = try Machine()
    _ = try machine.install("first/belay-driver-sound.so")
    let error = #expect(throws: DriverLoadError.self) { try machine.search.driver(forURL: url) }
    #expect(error?.kind == .noDriver)
    #expect(error?.hint == "installed: sound (sound: sound+x:); write e.g. sound:\(url)")
  }

  @Test("a broken driver on the way to an unknown scheme is an error: it might be the right one")
  func brokenOnTheWay() throws {
    let machine = try Machine()
    try machine.folder.file("first/belay-driver-acme2.so", "not a library")
    let error = #expect(throws: DriverLoadError.self) { try machine.search.driver(forURL: "acme:x") }
    #expect(error?.kind == .notLoadable)
    #expect(error?.name == "acme2")
  }

  @Test("without any driver, the message says so")
  func noneInstalled() throws {
    let machine = try Machine()
    let error = #expect(throws: DriverLoadError.self) { try machine.search.driver(forURL: "acme:x") }
    #expect(error?.message == "no installed driver knows acme: URLs; installed: none")
  }
}

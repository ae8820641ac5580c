import CBelayDriver
import DriverTesting
import Foundation
import Synchronization
import Testing

@testable import BelayDrivers

/// One thing wrong with a driver, and what the operator is told.
struct BrokenDriver: Sendable, CustomTestStringConvertible {
  let what: String
  let flags: [String]
  let kind: DriverLoadError.Kind
  let message: String
  var testDescription: String { what }

  init(_ what: String, _ flags: [String], _ kind: DriverLoadError.Kind, _ message: String) {
    self.what = what
    self.flags = flags
    self.kind = kind
    self.message = message
  }

  static let all =
    [
      BrokenDriver("no symbol", ["-DENTRY=something_else"], .noSymbol, "it has no symbol belay_driver_v1"),
      BrokenDriver(
        "a newer major", ["-DENTRY=belay_driver_v2"], .otherVersion,
        "driver broken is for ABI version 2, but this belay supports version 1"),
      BrokenDriver("an older major", ["-DENTRY=belay_driver_v0"], .otherVersion, "is for ABI version 0"),
      BrokenDriver("NULL", ["-DRETURNED=NULL"], .malformed, "driver broken does not accept this belay"),
      BrokenDriver("a small struct", ["-DSIZE=64"], .malformed, "struct_size is 64, too small for the core's 80 bytes"),
      BrokenDriver("another id", ["-DID=\"other\""], .malformed, "its id is other, but its file name says broken"),
      BrokenDriver("no scheme", ["-DSCHEMES=\" \""], .malformed, "url_schemes is empty"),
      BrokenDriver("a scheme that is none", ["-DSCHEMES=\"good 9bad\""], .malformed, "9bad, which is not a scheme"),
      BrokenDriver("a scheme in no UTF-8", ["-DSCHEMES=\"\\xff\""], .malformed, "url_schemes is not UTF-8"),
      BrokenDriver("an empty id", ["-DID=\"\""], .malformed, "id is empty"),
      BrokenDriver(
        "half an extension", ["-DHALF_AN_EXTENSION"], .malformed, "release of belay.lock/1 is NULL"),
      BrokenDriver(
        "an undefined symbol", ["-DNEEDS"], .notLoadable, "it uses needed, which none of its libraries defines"),
      BrokenDriver(
        "a file replaced in mid-load", ["-DTOUCHES_ITSELF"], .untrusted, "was replaced while it was being loaded"),
    ]
    + ["id", "version", "url_schemes", "open", "close", "describe", "execute", "query", "catalog"].map {
      BrokenDriver("\($0) at NULL", ["-DEMPTY_SLOT=\($0)"], .malformed, "driver broken is malformed: \($0) is NULL")
    }
}

@Suite("Loading a driver")
struct LoadingTests {
  @Test("a broken driver is refused, with its name, its path and the reason", arguments: BrokenDriver.all)
  func refused(driver: BrokenDriver) throws {
    let folder = try TemporaryFolder()
    let path = try BuiltDrivers.build(driver.flags, in: folder)
    let error = try #require(BuiltDrivers.refusal(in: folder))
    #expect(error.kind == driver.kind)
    #expect(error.message.contains(driver.message), "\(error.message)")
    #expect(error.name == "broken")
    #expect(error.path == path)
  }

  @Test("an entry that does not return is an error, and the host continues")
  func hangs() throws {
    let folder = try TemporaryFolder()
    let path = try BuiltDrivers.build(["-DENTRY_DOES=for (;;) pause()"], in: folder)
    let search = DriverSearch(
      paths: [folder.path], environment: [:], executable: "/nowhere/bin/belay", entryLimit: .milliseconds(300))
    let error = #expect(throws: DriverLoadError.self) { try search.load(named: "broken") }
    #expect(error?.kind == .hangs)
    #expect(error?.path == path)
  }

  @Test("the caller is notified right before a driver is loaded, but not of one that is refused before")
  func told() throws {
    let folder = try TemporaryFolder()
    let path = try folder.copy(BuiltDrivers.sound(), to: "belay-driver-sound.so")
    try folder.file("belay-driver-text.so", "no driver")
    let told = Mutex<[String]>([])
    let search = DriverSearch(
      paths: [folder.path], environment: [:], executable: "/nowhere/bin/belay",
      onLoad: { candidate in told.withLock { $0.append(candidate.path) } })
    _ = try search.load(named: "sound")
    _ = try? search.load(named: "text")  // refused: another test says how
    #expect(told.withLock { $0 } == [path])
  }

  @Test("a driver has an id, a version, schemes, a path and a digest")
  func loaded() throws {
    let folder = try TemporaryFolder()
    let path = try folder.copy(BuiltDrivers.sound(), to: "belay-driver-sound.so")
    let driver = try BuiltDrivers.search(folder).load(named: "sound")
    #expect(driver.id == "sound")
    #expect(driver.version == "0.1")
    #expect(driver.schemes == ["sound", "sound+x"])
    #expect(driver.path == path)
    #expect(driver.extensionIDs == [])
    let sums = Pipe()
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/sha256sum")
    process.arguments = [path]
    process.standardOutput = sums
    try process.run()
    let line = String(decoding: sums.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
    #expect(line.hasPrefix(driver.sha256 + " "))
  }

  @Test("the digest is that of the file that was loaded, also after an upgrade")
  func digestAfterUpgrade() throws {
    let folder = try TemporaryFolder()
    let path = try folder.copy(BuiltDrivers.sound(), to: "belay-driver-sound.so")
    let before = try BuiltDrivers.search(folder).load(named: "sound").sha256
    let driver = try BuiltDrivers.search(folder).load(named: "sound")
    try FileManager.default.removeItem(atPath: path)
    try folder.file("belay-driver-sound.so", "the new version")
    #expect(driver.sha256 == before)
  }

  @Test("a driver built when the table ended earlier loads, without what was not there yet")
  func olderTable() throws {
    let folder = try TemporaryFolder()
    _ = try BuiltDrivers.build(["-DSIZE=offsetof(belay_driver, interrupt)", "-DHALF_AN_EXTENSION"], in: folder)
    let driver = try BuiltDrivers.search(folder).load(named: "broken")
    #expect(driver.extensionIDs == [])
  }

  @Test("a library that is missing is named")
  func missingLibrary() throws {
    let folder = try TemporaryFolder()
    try folder.file("needed.c", "int needed(void) { return 0; }")
    try Compiler.run("cc", ["-shared", "-fPIC", "-o", folder("libneeded.so"), folder("needed.c")])
    _ = try BuiltDrivers.build(["-DNEEDS", "-L\(folder.path)", "-lneeded"], in: folder)
    try FileManager.default.removeItem(atPath: folder("libneeded.so"))
    let error = try #require(BuiltDrivers.refusal(in: folder))
    #expect(error.kind == .notLoadable)
    #expect(error.message == "driver broken cannot be loaded: it needs libneeded.so, which is not installed")
    #expect(error.hint?.contains("install that library") == true)
  }

  @Test(
    "a file that is no driver for this machine is refused before the loader sees it",
    arguments: [
      (Patch.text, "is not an ELF file"), (.empty, "is not an ELF file"),
      (.executable, "is an ELF file, but not a shared object"),
      (.machine, "is for MIPS"), (.bits, "32 bits"), (.endian, "big endian"),
    ])
  func notForThisMachine(patch: Patch, message: String) throws {
    let folder = try TemporaryFolder()
    var bytes = Array(try Data(contentsOf: URL(fileURLWithPath: BuiltDrivers.sound())))
    patch.apply(to: &bytes)
    try Data(bytes).write(to: URL(fileURLWithPath: folder("belay-driver-broken.so")))
    let error = try #require(BuiltDrivers.refusal(in: folder))
    #expect(error.kind == .notLoadable)
    #expect(error.message.contains(message), "\(error.message)")
  }

  /// What is done to a sound driver's bytes.
  enum Patch: Sendable {
    case text, empty, executable, machine, bits, endian

    func apply(to bytes: inout [UInt8]) {
      switch self {
      case .text: bytes = Array("INPUT(libc.so.6)\n# a linker script\n".utf8)
      case .empty: bytes = []
      case .executable: bytes[16] = 2
      case .machine: bytes[18] = 8
      case .bits: bytes[4] = 1
      case .endian:
        bytes[5] = 2
        bytes.swapAt(16, 17)
        bytes.swapAt(18, 19)
      }
    }
  }

  @Test("a driver cut short is refused by the loader, not by a crash")
  func cutShort() throws {
    let folder = try TemporaryFolder()
    let bytes = try Data(contentsOf: URL(fileURLWithPath: BuiltDrivers.sound()))
    try bytes.prefix(200).write(to: URL(fileURLWithPath: folder("belay-driver-broken.so")))
    let error = try #require(BuiltDrivers.refusal(in: folder))
    #expect(error.kind == .notLoadable)
  }

  @Test("a link that leads nowhere, and a folder of a driver's name, are broken drivers")
  func noFile() throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createSymbolicLink(
      atPath: folder("belay-driver-broken.so"), withDestinationPath: "gone.so")
    let link = try #require(BuiltDrivers.refusal(in: folder))
    #expect(link.kind == .notLoadable)
    #expect(link.message.contains("gone.so: no such file or directory"), "\(link.message)")
    _ = try folder.folder("belay-driver-folder.so")
    #expect(BuiltDrivers.refusal(of: "folder", in: folder)?.message.contains("is a folder") == true)
  }

  @Test("two drivers loaded one after the other are two")
  func twoDrivers() throws {
    let folder = try TemporaryFolder()
    _ = try folder.copy(BuiltDrivers.sound(), to: "belay-driver-sound.so")
    _ = try BuiltDrivers.build([], in: folder)
    let search = BuiltDrivers.search(folder)
    #expect(try search.load(named: "sound").schemes == ["sound", "sound+x"])
    #expect(try search.load(named: "broken").schemes == ["broken"])
  }

  @Test("the numbers that Swift repeats are the header's")
  func sameNumbers() {
    #expect(DriverError.Code.unsupported.rawValue == Int32(BELAY_E_UNSUPPORTED))
    #expect(DriverError.Code.cancelled.rawValue == Int32(BELAY_E_CANCELLED))
    #expect(DriverError.Code.internal.rawValue == Int32(BELAY_E_INTERNAL))
    #expect(DriverError.Outcome.notApplied.rawValue == UInt32(BELAY_NOT_APPLIED))
    #expect(DriverError.Outcome.unknown.rawValue == UInt32(BELAY_OUTCOME_UNKNOWN))
    #expect(LogLevel.debug.rawValue == Int32(BELAY_LOG_DEBUG))
    #expect(LogLevel.error.rawValue == Int32(BELAY_LOG_ERROR))
    let objects = [
      (ObjectFlags.generated, BELAY_O_GENERATED), (.implicit, BELAY_O_IMPLICIT), (.notNull, BELAY_O_NOT_NULL),
      (.primaryKey, BELAY_O_PRIMARY_KEY), (.noRows, BELAY_O_NO_ROWS), (.shadow, BELAY_O_SHADOW),
      (.internal, BELAY_O_INTERNAL),
    ]
    for (flag, number) in objects { #expect(flag.rawValue == UInt32(number)) }
    let statements = [
      (StatementFlags.opensTransaction, BELAY_S_OPENS_TXN), (.endsTransaction, BELAY_S_ENDS_TXN),
      (.refusesTransaction, BELAY_S_NO_TXN), (.onlyBeforeTransaction, BELAY_S_BEFORE_TXN), (.client, BELAY_S_CLIENT),
      (.unread, BELAY_S_UNREAD), (.wrongSyntax, BELAY_S_SYNTAX),
      (.tellsColumns, BELAY_S_COLUMNS),
    ]
    for (flag, number) in statements { #expect(flag.rawValue == UInt32(number)) }
    let actions = [
      (WriteActions.insert, BELAY_W_INSERT), (.update, BELAY_W_UPDATE), (.delete, BELAY_W_DELETE),
      (.create, BELAY_W_CREATE), (.drop, BELAY_W_DROP), (.alter, BELAY_W_ALTER),
    ]
    for (action, number) in actions { #expect(action.rawValue == UInt32(number)) }
  }
}

import CoreTesting
import Foundation
import SystemPackage
import Testing

@testable import BelayArchive
@testable import BelayBase
@testable import BelayStore

@Suite("Signatures of archives")
struct SignatureTests {
  private let folder: TemporaryFolder
  private let store: Store

  init() throws {
    folder = try TemporaryFolder()
    store = Store(folder.path.appending("st"))
    try store.runs.prepare()
  }

  /// An archive of little content.
  private func archive(_ id: String, schema: String = "{}", in store: Store? = nil) throws -> ArchiveReader {
    let store = store ?? self.store
    let (name, staging) = (ArchiveName.of(id), try TemporaryFolder())
    let path = store.root.appending(name)
    unlink(path.string)
    let writer = try ArchiveWriter(final: path, staging: staging.path)
    let member = try writer.member(MemberName.schema, kind: .schema)
    try member.write(schema)
    try member.finish()
    let target = TargetRecord(
      name: "shop", url: "x:y", identity: "x:/y", driver: "x", driverVersion: "1", driverSHA256: "", serverName: "X",
      serverVersion: "1", databaseBytes: 0)
    _ = try writer.finish(Manifest(id: id, createdAt: "2026-11-20T14:30:22Z", belayVersion: "1", target: target))
    return try ArchiveReader(path)
  }

  @Test func `an archive that the store has signed is its own, wherever the file lies now`() throws {
    let reader = try archive("a")
    #expect(store.runs.strangeness(of: reader) == "the store has no key, so it has signed none")
    try store.runs.sign(reader)
    #expect(store.runs.strangeness(of: reader) == nil)
    let elsewhere = folder.path.appending("copy.tar")
    rename(store.root.appending("a.tar").string, elsewhere.string)
    #expect(store.runs.strangeness(of: try ArchiveReader(elsewhere)) == nil)
    #expect(store.runs.strangeness(of: try archive("b")) == "the store has no signature of it")
  }

  @Test func `one whose content was changed is not`() throws {
    try store.runs.sign(try archive("a"))
    let changed = try archive("a", schema: "{ }")
    #expect(store.runs.strangeness(of: changed)?.contains("was changed since") == true)
  }

  @Test func `one of another store is not, with that store's signature either`() throws {
    let other = Store(folder.path.appending("other"))
    try other.runs.prepare()
    let reader = try archive("a", in: other)
    try other.runs.sign(reader)
    try store.runs.sign(try archive("b"))
    try FileManager.default.copyItem(
      atPath: other.root.appending("signatures/a").string, toPath: store.root.appending("signatures/a").string)
    #expect(store.runs.strangeness(of: reader) != nil)
    // Nor is the signature of one archive one of another.
    let own = store.root.appending("signatures/b")
    try FileManager.default.copyItem(atPath: own.string, toPath: store.root.appending("signatures/c").string)
    #expect(store.runs.strangeness(of: try archive("c")) != nil)
  }

  @Test func `vouching for a stranger's archive takes nothing from the store's own of that name`() throws {
    let own = try archive("a")
    try store.runs.sign(own)
    let other = Store(folder.path.appending("other"))
    try other.runs.prepare()
    let strange = try archive("a", schema: "[]", in: other)
    for _ in 0..<3 { try store.runs.sign(strange) }
    #expect(store.runs.strangeness(of: own) == nil && store.runs.strangeness(of: strange) == nil)
    let text = try String(contentsOfFile: store.root.appending("signatures/a").string, encoding: .utf8)
    #expect(text.split(separator: "\n").count == 2)
  }

  @Test func `key and signatures can be read and written by the user alone`() throws {
    try store.runs.sign(try archive("a"))
    for (name, mode) in [("signing-key", mode_t(0o600)), ("signatures", 0o700), ("signatures/a", 0o600)] {
      var status = stat()
      lstat(store.root.appending(name).string, &status)
      #expect(status.st_mode & 0o7777 == mode, "\(name)")
    }
    #expect(
      try FileManager.default.attributesOfItem(atPath: store.root.appending("signing-key").string)[.size] as? Int == 32)
  }

  @Test(arguments: [mode_t(0o640), 0o604, 0o622])
  func `a key that others can read or write signs nothing and proves nothing`(_ mode: mode_t) throws {
    let reader = try archive("a")
    try store.runs.sign(reader)
    let key = store.root.appending("signing-key")
    chown(key.string, uid_t.max, 65534)
    chmod(key.string, mode)
    #expect(store.runs.strangeness(of: reader)?.contains("\(key) can be") == true)
    let error = #expect(throws: BelayError.self) { try store.runs.sign(reader) }
    #expect(error?.hint?.contains("chmod") == true)
  }

  @Test(arguments: ["", "short", String(repeating: "x", count: 33)]) func `what is no key is none`(_ text: String)
    throws
  {
    let reader = try archive("a")
    let key = store.root.appending("signing-key")
    try Data(text.utf8).write(to: URL(filePath: key.string))
    chmod(key.string, 0o600)
    #expect(store.runs.strangeness(of: reader)?.contains("is not a key") == true)
    #expect(throws: BelayError.self) { try store.runs.sign(reader) }
  }

  @Test func `a link or a FIFO is no key and no signature`() throws {
    let reader = try archive("a")
    try store.runs.sign(reader)
    for name in ["signatures/a", "signing-key"] {
      let path = store.root.appending(name)
      let moved = folder.path.appending("moved-\(name.count)")
      rename(path.string, moved.string)
      symlink(moved.string, path.string)
      #expect(store.runs.strangeness(of: reader)?.contains("is a link") == true)
      unlink(path.string)
      mkfifo(path.string, 0o600)
      #expect(store.runs.strangeness(of: reader)?.contains("is not a regular file") == true)
      unlink(path.string)
      rename(moved.string, path.string)
      #expect(store.runs.strangeness(of: reader) == nil)
    }
  }

  @Test func `of several that make the first key at once, one counts for all`() async throws {
    let reader = try archive("a")
    let runs = store.runs
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<8 { group.addTask { try runs.sign(reader) } }
      try await group.waitForAll()
    }
    #expect(runs.strangeness(of: reader) == nil)
    let left = try FileManager.default.contentsOfDirectory(atPath: store.root.string).filter { $0.hasPrefix(".key") }
    #expect(left.isEmpty)
  }

  @Test(arguments: ["../a", "a/b", "..", "", ".a", "a\0b"]) func `a manifest's id that is no name is refused`(
    _ id: String
  ) throws {
    let path = store.root.appending("x.tar")
    let staging = try TemporaryFolder()
    let writer = try ArchiveWriter(final: path, staging: staging.path)
    let member = try writer.member(MemberName.schema, kind: .schema)
    try member.write("{}")
    try member.finish()
    let target = TargetRecord(
      name: nil, url: "x:y", identity: "x:/y", driver: "x", driverVersion: "1", driverSHA256: "", serverName: "X",
      serverVersion: "1", databaseBytes: 0)
    _ = try writer.finish(Manifest(id: id, createdAt: "2026-11-20T14:30:22Z", belayVersion: "1", target: target))
    let error = #expect(throws: BelayError.self) { try store.archives.resolve("x").open() }
    #expect(error?.kind == .verificationFailed && error?.message.contains("is no id") == true)
  }
}

import BelayArchive
import BelayBase
import CoreTesting
import Foundation
import SystemPackage
import Testing

@testable import BelayStore

/// What an object store is like: no paths, and no way to give a file another name but to copy it.
private final class Objects: Repository, @unchecked Sendable {
  // Unchecked: the tests use it from one thread.
  private var objects: [String: (bytes: Data, modified: Date)] = [:]
  let location = "objects://bucket"

  private func missing(_ name: String) -> ArchiveError { ArchiveError(.notFound, path: name, "no \(name)") }

  func list() -> [StoredFile] { objects.keys.compactMap(stat) }
  func halfWritten() -> [StoredFile] { [] }
  func stat(_ name: String) -> StoredFile? {
    objects[name].map {
      StoredFile(name: name, location: "\(location)/\(name)", bytes: UInt64($0.bytes.count), modified: $0.modified)
    }
  }
  func source(_ name: String) throws(ArchiveError) -> any ArchiveSource {
    guard let object = objects[name] else { throw missing(name) }
    return Ranges(path: "\(location)/\(name)", bytes: object.bytes)
  }
  func localPath(_ name: String, staging: FilePath) -> FilePath { staging.appending(name) }
  func put(_ file: FilePath, as name: String) throws(ArchiveError) {
    try store(file, as: name)
    unlink(file.string)
  }
  func store(_ file: FilePath, as name: String) throws(ArchiveError) {
    guard objects[name] == nil, let bytes = FileManager.default.contents(atPath: file.string) else {
      throw missing(name)
    }
    objects[name] = (bytes, Date(timeIntervalSince1970: Double(objects.count)))
  }
  func rename(_ name: String, to other: String) throws(ArchiveError) {
    guard let object = objects.removeValue(forKey: name) else { throw missing(name) }
    objects[other] = object
  }
  func lockForRemoval(_ name: String) -> RemovalLock? { RemovalLock() }
  func delete(_ name: String) { objects[name] = nil }

  struct Ranges: ArchiveSource {
    let path: String
    let bytes: Data
    var size: UInt64 { UInt64(bytes.count) }
    /// At most some kilobytes at once, as a network may give them.
    func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
      guard offset < size else { return 0 }
      let piece = bytes[Int(offset)...].prefix(min(buffer.count, 3000))
      buffer.copyBytes(from: piece)
      return piece.count
    }
  }
}

@Suite("A repository that is no folder")
struct RemoteRepositoryTests {
  private func archive(_ id: String, in repository: any Repository) throws {
    let folder = try TemporaryFolder()
    let name = ArchiveName.of(id)
    let writer = try ArchiveWriter(final: repository.localPath(name, staging: folder.path), staging: folder.path)
    let member = try writer.member(MemberName.schema, kind: .schema)
    try member.write("{}")
    try member.finish()
    let target = TargetRecord(
      name: "shop", url: "x:y", identity: "x:/y", driver: "x", driverVersion: "1", driverSHA256: "",
      serverName: "X", serverVersion: "1", databaseBytes: 0)
    _ = try writer.finish(
      Manifest(id: id, createdAt: "2026-11-20T14:30:22Z", belayVersion: "1", target: target),
      publish: { (partial) throws(ArchiveError) in try repository.put(partial, as: name) })
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path.string) == [])
  }

  @Test func `holds archives that are found, read in ranges, proven and set aside as those of a folder are`() throws {
    let repository = Objects()
    for id in ["20260101T000000Z-a", "20260201T000000Z-b"] { try archive(id, in: repository) }
    #expect(try repository.archives().map(\.id) == ["20260101T000000Z-a", "20260201T000000Z-b"])
    let entry = try repository.resolve("latest")
    #expect(entry.location == "objects://bucket/20260201T000000Z-b.tar")
    let reader = try entry.open()
    #expect(reader.manifest.target.name == "shop")
    try reader.verifyManifest()
    try reader.verifyContents()
    var error = BelayError(.verificationFailed, "it is bad")
    #expect(repository.keepOrSetAside(entry.id, after: &error) == nil)
    #expect(error.causes.joined().contains("objects://bucket/20260201T000000Z-b.tar.unverified"))
    #expect(try repository.resolve("latest").id == "20260101T000000Z-a")
  }
}

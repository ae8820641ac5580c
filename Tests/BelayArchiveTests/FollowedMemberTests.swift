import Foundation
import SystemPackage
import Testing

@testable import BelayArchive

@Suite("A member that is read while it is written")
struct FollowedMemberTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  private func writer() throws -> ArchiveWriter {
    try ArchiveWriter(final: folder.path.appending("a.tar"), staging: folder.folder("staging"))
  }

  /// All that is left to read.
  private static func drain(_ followed: FollowedMember) throws -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 100_000)
    while true {
      let count = try buffer.withUnsafeMutableBytes { try followed.read(into: $0) }
      if count == 0 { return bytes }
      bytes += buffer[..<count]
    }
  }

  @Test(
    "its reader gets every byte in order, and the end only when it is written to its end", arguments: [0, 10, 3 << 20])
  func follows(size: Int) async throws {
    let writer = try writer()
    let member = try writer.member(MemberName.native(fileExtension: "db"), kind: .native, compression: Compression.none)
    let followed = try #require(try writer.following(member))
    let read = Task.detached { try Self.drain(followed) }
    let bytes = (0..<size).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 4) }
    for start in stride(from: 0, to: size, by: 70_000) {
      try bytes[start..<min(size, start + 70_000)].withUnsafeBytes { try member.write($0) }
    }
    try member.finish()
    #expect(try await read.value == bytes)
  }

  @Test("a reader that waits learns that nothing more will come")
  func stops() async throws {
    let writer = try writer()
    let member = try writer.member(MemberName.native(fileExtension: "db"), kind: .native, compression: Compression.none)
    let followed = try #require(try writer.following(member))
    let read = Task.detached { try Self.drain(followed) }
    try member.write("the beginning")
    followed.stop()
    let error = await #expect(throws: ArchiveError.self) { try await read.value }
    #expect(error?.kind == .cancelled)
  }

  @Test("what was changed behind the writer's back is no end")
  func damaged() throws {
    let writer = try writer()
    let member = try writer.member(MemberName.native(fileExtension: "db"), kind: .native, compression: Compression.none)
    let followed = try #require(try writer.following(member))
    try member.write("what was written")
    try member.finish()
    try Data("what was swritten".utf8).prefix(16).write(to: URL(filePath: folder.path.string + "/staging/member-1"))
    let error = #expect(throws: ArchiveError.self) { try Self.drain(followed) }
    #expect(error?.kind == .damaged)
  }

  @Test("a compressed one cannot be followed")
  func compressed() throws {
    let writer = try writer()
    let member = try writer.member(MemberName.native(fileExtension: "db"), kind: .native)
    #expect(try writer.following(member) == nil)
  }
}

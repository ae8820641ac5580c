import SystemPackage
import Testing

@testable import BelayArchive

@Suite("When an archive cannot be written")
struct WritingFailureTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("a full disk is said to be one, by the name of the file", arguments: Compression.allCases)
  func diskFull(_ compression: Compression) throws {
    let full = try FileDescriptor.open("/dev/full", .writeOnly)
    let bytes = (0..<(1 << 20)).map { _ in UInt8.random(in: 0...255) }
    let error = try #require(throws: ArchiveError.self) {
      let compressor = try MemberCompressor(
        HashedFile(full, path: "/store/tmp/member-1"), compression: compression, level: 1)
      try bytes.withUnsafeBytes { try compressor.write($0) }
      _ = try compressor.finish()
    }
    #expect(error.kind == .diskFull)
    #expect(error.path == "/store/tmp/member-1")
    #expect(error.message == "cannot write /store/tmp/member-1: no space left on device")
    #expect(error.hint != nil)
  }

  @Test("what stops the compressor comes out of write or finish, and the archive is not made")
  func compressorFails() throws {
    // A file lies where the member is to be staged: the thread that compresses finds out.
    let staging = try folder.folder("staging")
    try write([1], to: staging.appending("member-1"))
    let writer = try ArchiveWriter(final: folder.path.appending("a.tar"), staging: staging)
    let member = try writer.member(MemberName.sql, kind: .sql)
    let bytes = [UInt8](repeating: 0, count: 16 << 20)
    let error = try #require(throws: ArchiveError.self) {
      try bytes.withUnsafeBytes { try member.write($0) }
      try member.finish()
    }
    #expect(error.kind == .io)
    #expect(error.path == staging.appending("member-1").string)
    #expect(throws: ArchiveError.self) { try member.finish() }
    #expect(throws: ArchiveError.self) { _ = try writer.finish(SampleArchive.manifest()) }
    #expect(try folder.names() == ["staging"])
  }

  @Test("nothing that lies at the final name is ever replaced")
  func existing() throws {
    let path = folder.path.appending("a.tar")
    try write([1, 2, 3], to: path)
    #expect(throws: ArchiveError.self) { try ArchiveWriter(final: path, staging: folder.folder("staging")) }

    // It comes to lie there while the archive is written.
    let later = folder.path.appending("b.tar")
    let writer = try ArchiveWriter(final: later, staging: folder.folder("staging"))
    try write([1, 2, 3], to: later)
    let error = #expect(throws: ArchiveError.self) { _ = try writer.finish(SampleArchive.manifest()) }
    #expect(error?.message.contains("file exists") == true)
    #expect(try contents(later) == [1, 2, 3])
    #expect(try folder.names() == ["a.tar", "b.tar", "staging"])
  }

  @Test("another run's partial file is neither written to nor removed")
  func foreignPartial() throws {
    try write([9], to: folder.path.appending("a.tar.partial"))
    let writer = try ArchiveWriter(final: folder.path.appending("a.tar"), staging: folder.folder("staging"))
    #expect(throws: ArchiveError.self) { _ = try writer.finish(SampleArchive.manifest()) }
    #expect(try contents(folder.path.appending("a.tar.partial")) == [9])
  }

  @Test("a member that was not finished keeps the archive from being made")
  func unfinished() throws {
    let writer = try ArchiveWriter(final: folder.path.appending("a.tar"), staging: folder.folder("staging"))
    let member = try writer.member(MemberName.sql, kind: .sql)
    try member.write("SELECT 1;")
    let error = #expect(throws: ArchiveError.self) { _ = try writer.finish(SampleArchive.manifest()) }
    #expect(error?.member == "full_backup.sql.zst")
    #expect(try folder.names() == ["staging"])
    #expect(try folder.names(in: "staging") == [])
  }

  @Test("a name is given once, and belay's own are taken", arguments: ["full_backup.sql", "schema.json", "csv/a.csv"])
  func namesOnce(_ name: String) throws {
    let writer = try ArchiveWriter(final: folder.path.appending("a.tar"), staging: folder.folder("staging"))
    let kind: MemberKind = name == "schema.json" ? .schema : .csv
    _ = try writer.member(name, kind: kind)
    #expect(throws: ArchiveError.self) { _ = try writer.member(name, kind: kind) }
    for reserved in ["manifest.json", "SHA256SUMS", "README.txt"] {
      #expect(throws: ArchiveError.self) { _ = try writer.member(reserved, kind: .schema) }
    }
    #expect(throws: ArchiveError.self) { _ = try writer.member("../a", kind: .csv) }
  }

  @Test("a member that nobody wants any more ends its thread")
  func dropped() throws {
    let writer = try ArchiveWriter(final: folder.path.appending("a.tar"), staging: folder.folder("staging"))
    let bytes = [UInt8](repeating: 0, count: 2 << 20)
    do {
      let member = MemberWriter(name: "x", file: folder.path.appending("x"), compression: .zstd, level: 1)
      try bytes.withUnsafeBytes { try member.write($0) }
    }
    // Its end is what is tested: a thread left behind would be waited for here forever.
    writer.abandon()
    #expect(try folder.names().contains("x"))
  }
}

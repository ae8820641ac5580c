import BelayArchive
import SystemPackage
import Testing

@Suite("Writing an archive")
struct WritingTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  @Test("tar, sha256sum, zstd and gzip restore what was written, without belay", arguments: Compression.allCases)
  func restoresByHand(_ compression: Compression) throws {
    let archive = try SampleArchive.write(in: folder, compression: compression)
    let place = try folder.folder("by-hand")

    let untar = try Tool.run("tar", "xf", archive.string, in: place)
    #expect(untar.status == 0, "\(untar.text)")
    let sums = try Tool.run("sha256sum", "-c", "SHA256SUMS", in: place)
    #expect(sums.status == 0, "\(sums.text)")
    #expect(sums.text.split(separator: "\n").count == 6)
    #expect(sums.text.contains("manifest.json: OK"))
    let csv = "csv/public.users.csv" + compression.suffix
    let decoded =
      switch compression {
      case .none: try Tool.run("cat", csv, in: place)
      case .zstd: try Tool.run("zstd", "-d", "-c", csv, in: place)
      case .gzip: try Tool.run("gzip", "-d", "-c", csv, in: place)
      }
    #expect(decoded.text == "id,name\n1,\"a\"\n2,\n")
  }

  @Test("the members stand in the tar in one order, the manifest first, whoever came first")
  func order() throws {
    let archive = try SampleArchive.write(in: folder)
    let list = try Tool.run("tar", "tf", archive.string, in: folder.path)
    #expect(
      list.text == """
        manifest.json
        README.txt
        SHA256SUMS
        schema.json
        full_backup.db.zst
        full_backup.sql.zst
        csv/public.users.csv.zst

        """)
  }

  @Test("the same content gives the same bytes", arguments: Compression.allCases)
  func reproducible(_ compression: Compression) throws {
    let first = try contents(SampleArchive.write(in: folder, compression: compression))
    let other = try TemporaryFolder()
    let second = try contents(SampleArchive.write(in: other, compression: compression))
    #expect(first == second)
  }

  @Test("the archive is private to its user, and nothing else is left behind")
  func leavesNothing() throws {
    let archive = try SampleArchive.write(in: folder)
    #expect(try folder.names() == ["sample.tar", "staging"])
    #expect(try folder.names(in: "staging") == [])
    let mode = try Tool.run("stat", "-c", "%a", archive.string, in: folder.path)
    #expect(mode.text == "600\n")
  }

  @Test("README.txt says how to restore with the engine's own client, and what to know")
  func readme() throws {
    let archive = try SampleArchive.write(in: folder)
    let text = String(decoding: try ArchiveReader(archive).bytes("README.txt"), as: UTF8.self)
    for line in [
      "tar xf sample.tar", "sha256sum -c SHA256SUMS", "zstd -d", "    cp full_backup.db app.db",
      "  - nothing was left out", "sqlite:app.db",
    ] { #expect(text.contains(line), "\(line)") }
  }

  @Test("an empty member is stored, and comes back empty", arguments: Compression.allCases)
  func emptyMember(_ compression: Compression) throws {
    let archive = try SampleArchive.write(in: folder, compression: compression, native: [])
    let reader = try ArchiveReader(archive)
    try reader.verifyContents()
    let member = try #require(reader.manifest.member(.native))
    #expect(member.bytes == 0)
    #expect(try reader.bytes(member.name).isEmpty)
  }

  @Test("a member that is itself a .zst is decoded once, not twice")
  func decodesOnce() throws {
    try write(Array(repeating: 65, count: 9000), to: folder.path.appending("inner"))
    #expect(try Tool.run("zstd", "-q", "inner", in: folder.path).status == 0)
    let inner = try contents(folder.path.appending("inner.zst"))
    let archive = try SampleArchive.write(in: folder, native: inner)
    let reader = try ArchiveReader(archive)
    try reader.verifyContents()
    #expect(try reader.bytes("full_backup.db.zst") == inner)
  }

  @Test("abandoning removes whatever was staged")
  func abandons() throws {
    let writer = try ArchiveWriter(final: folder.path.appending("a.tar"), staging: folder.folder("staging"))
    let member = try writer.member(MemberName.sql, kind: .sql)
    let bytes = [UInt8](repeating: 1, count: 3 << 20)
    try bytes.withUnsafeBytes { try member.write($0) }
    writer.abandon()
    #expect(try folder.names(in: "staging") == [])
    #expect(try folder.names() == ["staging"])
    #expect(throws: ArchiveError.self) { try bytes.withUnsafeBytes { try member.write($0) } }
    #expect(throws: ArchiveError.self) { try member.finish() }
    #expect(throws: ArchiveError.self) { _ = try writer.finish(SampleArchive.manifest()) }
  }
}

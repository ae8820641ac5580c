import BelayArchive
import SystemPackage
import Testing

@Suite("What a reader refuses")
struct RefusalTests {
  let folder: TemporaryFolder
  let archive: FilePath

  init() throws {
    folder = try TemporaryFolder()
    archive = try SampleArchive.write(in: folder)
  }

  /// What opening and then verifying the archive at `path` throws.
  func refusal(_ path: FilePath) -> ArchiveError? {
    do throws(ArchiveError) {
      try ArchiveReader(path).verifyContents()
      return nil
    } catch {
      return error
    }
  }

  /// The sample archive, changed.
  func changed(_ change: (inout Tar) throws -> Void) throws -> FilePath {
    var tar = try Tar(reading: archive)
    try change(&tar)
    let path = folder.path.appending("changed.tar")
    try tar.write(to: path)
    return path
  }

  /// The sample archive with another manifest, and the SHA256SUMS that fits it.
  func withManifest(_ change: (String) -> String) throws -> FilePath {
    try changed { tar in
      let index = try #require(tar.index("manifest.json"))
      tar.entries[index].content = Array(change(String(decoding: tar.entries[index].content, as: UTF8.self)).utf8)
      try write(tar.entries[index].content, to: folder.path.appending("m"))
      let sum = try Tool.run("sha256sum", "m", in: folder.path).text.prefix(64)
      let sums = try #require(tar.index("SHA256SUMS"))
      tar.entries[sums].content = Array(sum.utf8) + tar.entries[sums].content.dropFirst(64)
    }
  }

  @Test("the helpers of this suite leave a good archive good")
  func unchanged() throws {
    #expect(try refusal(changed { _ in }) == nil)
    #expect(try refusal(withManifest { $0 }) == nil)
  }

  @Test("a file that is not there, a folder, and files that are no archive")
  func notAnArchive() throws {
    #expect(refusal(folder.path.appending("absent.tar"))?.kind == .notFound)
    #expect(refusal(folder.path)?.kind == .malformed)
    let other = folder.path.appending("other")
    for text in ["hello", String(repeating: "SQLite format 3\u{0}", count: 300)] {
      try write(Array(text.utf8), to: other)
      #expect(refusal(other)?.kind == .malformed)
    }
    try write([], to: other)
    #expect(refusal(other)?.kind == .truncated)
    try Tar([Tar.Entry(name: "a.txt", content: [65])]).write(to: other)
    #expect(refusal(other)?.kind == .malformed)
    #expect(refusal(other)?.message.contains("begins with a.txt") == true)
  }

  @Test("an archive that was compressed as a whole is not read through its compression")
  func compressedTar() throws {
    #expect(try Tool.run("gzip", "-k", archive.string, in: folder.path).status == 0)
    #expect(refusal(FilePath(archive.string + ".gz"))?.kind == .malformed)
  }

  @Test("an archive cut short anywhere")
  func cutShort() throws {
    let whole = try contents(archive)
    let path = folder.path.appending("cut.tar")
    // The last blocks are padding: without some of it everything is still there.
    let end = try Tar(reading: archive).bytes.count
    for length in Array(stride(from: 0, to: end - 1, by: 97)) + [511, 512, 513, end - 1024, end - 512, end - 1] {
      try write(Array(whole.prefix(length)), to: path)
      let error = try #require(refusal(path), "\(length) bytes of \(end)")
      #expect(error.kind == .truncated || (length < 1536 && error.kind == .malformed), "\(length): \(error)")
      #expect(error.message.contains("cut.tar"))
    }
    try write(Array(whole.prefix(end)), to: path)
    #expect(refusal(path) == nil)
  }

  @Test("every byte that matters, flipped: refused, or nothing of the content has changed")
  func flipped() throws {
    let whole = try contents(archive)
    let tar = try Tar(reading: archive)
    let contentOnce = tar.entries.map(\.content)
    let path = folder.path.appending("flipped.tar")
    var refused = 0
    for position in stride(from: 0, to: whole.count, by: 7) {
      var bytes = whole
      bytes[position] ^= 1 << UInt8(position % 8)
      try write(bytes, to: path)
      if refusal(path) != nil {
        refused += 1
      } else {
        // Padding, or nothing that belay reads.
        #expect(try Tar(reading: path).entries.map(\.content) == contentOnce, "byte \(position)")
      }
    }
    #expect(refused > contentOnce.joined().count / 7)
  }

  @Test("a flipped byte in each member is found, and the member named")
  func flippedMember() throws {
    for (index, entry) in try Tar(reading: archive).entries.enumerated() where entry.name != "manifest.json" {
      let path = try changed { $0.entries[index].content[1] ^= 0x10 }
      let reader = try ArchiveReader(path)
      let found = [
        #expect(throws: ArchiveError.self) { try reader.verifyManifest() },
        #expect(throws: ArchiveError.self) { try reader.verifyContents() },
      ]
      for error in found.compactMap({ $0 }) {
        #expect(error.kind == .damaged)
        #expect(error.member == entry.name)
        #expect(error.message.contains(entry.name) && error.message.contains("changed.tar"))
      }
    }
  }

  @Test("a member that is missing, and one that nobody knows")
  func missingAndExtra() throws {
    for name in ["README.txt", "SHA256SUMS", "schema.json", "full_backup.db.zst"] {
      let error = try #require(
        refusal(
          changed { tar in
            tar.entries.removeAll { $0.name == name }
          }))
      #expect(error.kind == .missingMember)
      #expect(error.member == name)
    }
    let error = try #require(refusal(changed { $0.entries.append(Tar.Entry(name: "extra.txt", content: [1])) }))
    #expect(error.kind == .damaged)
    #expect(error.member == "extra.txt")
  }

  @Test("a member that stands there twice")
  func twice() throws {
    let error = try #require(refusal(changed { $0.entries.append($0.entries[4]) }))
    #expect(error.kind == .damaged)
    #expect(error.message.contains("twice"))
  }

  @Test(
    "names and kinds of file that could reach out of the folder they are unpacked in",
    arguments: [
      Tar.Entry(name: "/etc/passwd"), Tar.Entry(name: "../up"), Tar.Entry(name: "csv/../../up"),
      Tar.Entry(name: "csv//a"), Tar.Entry(name: "./a"), Tar.Entry(name: ".hidden"), Tar.Entry(name: "a\\b"),
      Tar.Entry(name: "a\u{1b}[2J"), Tar.Entry(name: "a\nb"), Tar.Entry(name: "caf\u{e9}"), Tar.Entry(name: "a b"),
      Tar.Entry(name: "link", type: "1", link: "manifest.json"), Tar.Entry(name: "link", type: "2", link: "/etc"),
      Tar.Entry(name: "folder", type: "5"), Tar.Entry(name: "pipe", type: "6"), Tar.Entry(name: "device", type: "3"),
    ])
  func unsafe(_ entry: Tar.Entry) throws {
    let error = try #require(refusal(changed { $0.entries.append(entry) }))
    #expect(error.kind == .unsafeName, "\(error)")
    #expect(!error.message.unicodeScalars.contains { $0.value < 0x20 })
  }

  @Test("what a disk does not give back speaks against an archive, and what else the system refuses does not")
  func disk() throws {
    // Linux gives EIO where this process has no memory.
    let file = try ArchiveFile("/proc/self/mem")
    let error = #expect(throws: ArchiveError.self) {
      try withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { _ = try file.read(at: 0, into: $0) }
    }
    #expect(error?.kind == .unreadable && error?.isOfCircumstances == false, "\(error as Any)")
    for code in [Errno.permissionDenied, .tooManyOpenFiles, .staleNFSFileHandle, .timedOut, .noMemory] {
      #expect(ArchiveError.reading("a.tar", code).kind == .io)
    }
  }

  @Test("a manifest from the future is refused with the cure, even where all else has changed")
  func future() throws {
    let path = try changed {
      $0.entries[0].content = Array("{\"format\": 3, \"members\": {\"of\": \"another shape\"}}".utf8)
    }
    let error = try #require(refusal(path))
    #expect(error.kind == .futureFormat)
    #expect(error.message.contains("made by a newer belay (archive format 3"))
    #expect(error.hint?.contains("upgrade belay") == true)
  }

  @Test(
    "a manifest that cannot be read",
    arguments: ["", "{", "[]", "{\"format\": 1}", "{\"format\": 0}", "{\"format\": \"1\"}", "\u{0}\u{1}"])
  func manifestUnreadable(_ text: String) throws {
    let error = try #require(refusal(changed { $0.entries[0].content = Array(text.utf8) }))
    #expect(error.kind == .damaged)
    #expect(error.member == "manifest.json")
  }

  @Test("a manifest of absurd size is not even read")
  func manifestTooLarge() throws {
    let path = folder.path.appending("large.tar")
    try Tar([Tar.Entry(name: "manifest.json", size: (64 << 20) + 1)]).write(to: path)
    #expect(try Tool.run("truncate", "-s", "65M", "large.tar", in: folder.path).status == 0)
    let error = try #require(refusal(path))
    #expect(error.kind == .damaged)
    #expect(error.message.contains("too large"))
  }

  @Test("a changed manifest does not fit SHA256SUMS any more")
  func manifestChanged() throws {
    let path = try changed { tar in
      let text = String(decoding: tar.entries[0].content, as: UTF8.self)
      tar.entries[0].content = Array(text.replacing("\"rows\" : 2", with: "\"rows\" : 3").utf8)
      #expect(tar.entries[0].content != Array(text.utf8))
    }
    let error = try #require(refusal(path))
    #expect(error.kind == .damaged)
    #expect(error.member == "SHA256SUMS")
  }

  @Test("unknown keys in a manifest of this format are ignored")
  func unknownKeys() throws {
    let path = try withManifest { $0.replacing("\"format\" : 1,", with: "\"format\" : 1, \"colour\" : [1, {}],") }
    #expect(refusal(path) == nil)
    #expect(try ArchiveReader(path).manifest == ArchiveReader(archive).manifest)
  }

  @Test("a member that decodes to more than the manifest says stops there", arguments: ["4999", "5001", "0"])
  func bomb(_ size: String) throws {
    let path = try withManifest { $0.replacing("\"bytes\" : 5000", with: "\"bytes\" : \(size)") }
    let error = try #require(refusal(path))
    #expect(error.kind == .damaged)
    #expect(error.member == "full_backup.db.zst")
    var given = 0
    let reader = try ArchiveReader(path)
    #expect(throws: ArchiveError.self) { try reader.read("full_backup.db.zst") { given += $0.count } }
    #expect(given <= 5000)
  }

  @Test("bytes after the end of the archive")
  func trailing() throws {
    let path = folder.path.appending("trailing.tar")
    try write(contents(archive) + [UInt8](repeating: 0, count: 512) + [1], to: path)
    #expect(refusal(path)?.kind == .damaged)
  }
}

extension Tar.Entry: CustomTestStringConvertible {
  var testDescription: String { "\(type) \(name)" }
}

import BelayArchive
import Foundation
import Synchronization
import SystemPackage
import Testing

@Suite("Large members", .serialized)
struct StreamingTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// This process's memory that is really there, in bytes.
  func resident() throws -> Int {
    let text = try String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
    return try #require(Int(text.split(separator: " ")[1])) * 4096
  }

  @Test("200 MB go through a member and back without the memory for them", arguments: [Compression.zstd, .none])
  func memory(_ compression: Compression) throws {
    let writer = try ArchiveWriter(
      final: folder.path.appending("a.tar"), staging: folder.folder("staging"), compression: compression)
    let member = try writer.member(MemberName.native(fileExtension: "db"), kind: .native)
    let zeros = [UInt8](repeating: 0, count: 1 << 20)
    let before = try resident()
    var most = 0
    for _ in 0..<200 {
      try zeros.withUnsafeBytes { try member.write($0) }
      most = max(most, try resident() - before)
    }
    try member.finish()
    let manifest = try writer.finish(SampleArchive.manifest())
    #expect(try #require(manifest.member(.native)).bytes == 200 << 20)

    let reader = try ArchiveReader(folder.path.appending("a.tar"))
    var read = 0
    try reader.read(member.name) { bytes in
      read += bytes.count
      most = max(most, try resident() - before)
    }
    #expect(read == 200 << 20)
    #expect(most < 64 << 20, "\(most >> 20) MiB")
  }

  @Test("members written at the same time by several threads do not mix")
  func concurrent() throws {
    let writer = try ArchiveWriter(final: folder.path.appending("a.tar"), staging: folder.folder("staging"))
    let failures = Mutex<[any Error]>([])
    DispatchQueue.concurrentPerform(iterations: 6) { number in
      do {
        let member = try writer.member(MemberName.csv(TableName(name: "t\(number)")), kind: .csv)
        // Pieces of odd sizes, more than a chunk in all.
        let piece = [UInt8](repeating: UInt8(number), count: 70_001)
        for _ in 0..<20 { try piece.withUnsafeBytes { try member.write($0) } }
        try member.finish()
      } catch {
        failures.withLock { $0.append(error) }
      }
    }
    #expect(failures.withLock { $0.count } == 0)
    _ = try writer.finish(SampleArchive.manifest())
    let reader = try ArchiveReader(folder.path.appending("a.tar"))
    try reader.verifyContents()
    for number in 0..<6 {
      let bytes = try reader.bytes("csv/t\(number).csv.zst")
      #expect(bytes.count == 1_400_020)
      #expect(bytes.allSatisfy { $0 == UInt8(number) })
    }
  }

  @Test("a verification reports its progress, and ends when it is cancelled", arguments: [true, false])
  func progress(_ decoding: Bool) throws {
    let archive = try SampleArchive.write(in: folder, native: [UInt8](repeating: 3, count: 9 << 20))
    let reader = try ArchiveReader(archive)
    let seen = Mutex<[(done: UInt64, total: UInt64)]>([])
    let note: VerifyProgress = { done, total in seen.withLock { $0.append((done, total)) } }
    if decoding {
      try reader.verifyContents(progress: note)
    } else {
      try reader.verifyManifest(progress: note)
    }
    let last = try #require(seen.withLock { $0.last })
    #expect(last.done == last.total)
    #expect(last.total == reader.manifest.members.reduce(0) { $0 + (decoding ? $1.bytes : $1.storedBytes) })
    #expect(seen.withLock { $0.map(\.done) == $0.map(\.done).sorted() })

    let error = #expect(throws: ArchiveError.self) {
      if decoding {
        try reader.verifyContents(isCancelled: { true })
      } else {
        try reader.verifyManifest(isCancelled: { true })
      }
    }
    #expect(error?.kind == .cancelled)
  }

  @Test("one member is read from its own place: damage to the others does not matter to it")
  func seeks() throws {
    let archive = try SampleArchive.write(in: folder)
    var tar = try Tar(reading: archive)
    let wanted = try #require(tar.index("csv/public.users.csv.zst"))
    for index in tar.entries.indices where index != wanted && index != 0 {
      tar.entries[index].content = tar.entries[index].content.map { ~$0 }
    }
    let path = folder.path.appending("others-damaged.tar")
    try tar.write(to: path)
    #expect(try ArchiveReader(path).bytes("csv/public.users.csv.zst") == Array("id,name\n1,\"a\"\n2,\n".utf8))
  }

  @Test("a pulled member gives the same bytes as a pushed one, and its end only when it is proven")
  func pulls() throws {
    let native = (0..<300_000).map { UInt8(truncatingIfNeeded: $0 / 3) }
    let reader = try ArchiveReader(SampleArchive.write(in: folder, native: native))
    let source = try reader.source("full_backup.db.zst")
    var pulled: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 1000)
    while true {
      let count = try buffer.withUnsafeMutableBytes { try source.read(into: $0) }
      if count == 0 { break }
      pulled += buffer[..<count]
    }
    #expect(pulled == native)
    #expect(try buffer.withUnsafeMutableBytes { try source.read(into: $0) } == 0)
  }
}

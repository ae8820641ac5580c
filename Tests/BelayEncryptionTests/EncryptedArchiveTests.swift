import BelayArchive
import BelayEncryption
import Foundation
import SystemPackage
import Testing

@Suite("An archive that is encrypted with age")
struct EncryptedArchiveTests {
  private let keys = KeyFolder()

  @Test("each recipient's key opens each member, and age itself does")
  func opened() throws {
    let recipients = [try keys.key("a.txt"), try keys.key("b.txt"), try keys.ssh("c")]
    let sizes = [0, 1, 65_536, 3_000_001]
    let archive = try keys.archive(keys.settings(recipients), sizes: sizes)
    for name in ["a.txt", "b.txt", "c"] {
      let keyring = Keyring(keys.settings([], identities: [name]))
      let reader = try ArchiveReader(archive, keys: keyring)
      try reader.verifyContents()
      #expect(reader.manifest.format == 2)
      #expect(reader.manifest.encryption?.recipients.last?.hasSuffix("example.org") == false)
      for (number, size) in sizes.enumerated() {
        #expect(try reader.bytes("csv/t\(number).csv.zst.age") == KeyFolder.content(size), "\(name) \(size)")
      }
    }
    try keys.run("tar", "xf", "a.tar")
    try keys.run("sh", "-c", "age -d -i a.txt csv/t3.csv.zst.age | zstd -d > t3.csv")
    #expect(
      try Data(contentsOf: URL(filePath: keys.path.appending("t3.csv").string)) == Data(KeyFolder.content(sizes[3])))
  }

  @Test("without a key the sums are checked, and nothing is decrypted; with another key neither")
  func withoutKey() throws {
    let archive = try keys.archive(keys.settings([try keys.key("a.txt")]))
    try keys.key("other.txt")
    for identities in [[], ["other.txt"]] {
      let reader = try ArchiveReader(archive, keys: Keyring(keys.settings([], identities: identities)))
      try reader.verifyManifest()
      let error = #expect(throws: ArchiveError.self) { try reader.verifyContents() }
      #expect(error?.kind == .wrongKey && error?.hint?.contains("age1") == true, "\(String(describing: error))")
    }
  }

  @Test("every byte, flipped in turn, is found without a key")
  func flipped() throws {
    let settings = keys.settings([try keys.key("a.txt")], identities: ["a.txt"])
    let archive = try keys.archive(settings, sizes: [1, 300])
    let whole = Array(try Data(contentsOf: URL(filePath: archive.string)))
    var unnoticed: [Int] = []
    for position in whole.indices {
      var bytes = whole
      bytes[position] ^= 1 << UInt8(position % 8)
      do {
        try ArchiveReader(BytesSource(bytes: bytes)).verifyManifest()
        unnoticed.append(position)
      } catch {}  // found
    }
    // Digits of a header's own checksum that mean the same: a zero in front of others, or a blank.
    #expect(unnoticed.allSatisfy { 148..<156 ~= $0 % 512 } && unnoticed.count < 20, "\(unnoticed)")
  }

  @Test("damage within a member is damage, and not a wrong key, wherever it is")
  func damaged() throws {
    let settings = keys.settings([try keys.key("a.txt")], identities: ["a.txt"])
    let archive = try keys.archive(settings, sizes: [300_000])
    let whole = Array(try Data(contentsOf: URL(filePath: archive.string)))
    let begin = try #require(
      whole.indices.last { whole[$0...].starts(with: "age-encryption.org".utf8) && $0 > 3000 })
    for offset in [0, 3, 60, 200, 400, 500] {
      var bytes = whole
      bytes[begin + offset] ^= 4
      let error = #expect(throws: ArchiveError.self) {
        try ArchiveReader(BytesSource(bytes: bytes), keys: Keyring(settings)).verifyContents()
      }
      #expect(error?.kind == .damaged, "\(offset): \(String(describing: error))")
    }
  }
}

/// An archive in memory.
struct BytesSource: ArchiveSource {
  let bytes: [UInt8]
  var path: String { "memory.tar" }
  var size: UInt64 { UInt64(bytes.count) }

  func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
    let begin = Int(min(offset, size))
    let piece = bytes[begin..<min(begin + buffer.count, bytes.count)]
    buffer.copyBytes(from: piece)
    return piece.count
  }
}

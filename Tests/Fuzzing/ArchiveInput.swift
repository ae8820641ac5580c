import BelayRows
import CBelayDriver
import Foundation

@testable import BelayArchive

/// Archives and what is in them.
enum ArchiveInput {
  private struct Memory: ArchiveSource {
    let path = "fuzz.tar"
    let bytes: [UInt8]
    var size: UInt64 { UInt64(bytes.count) }

    func read(at offset: UInt64, into buffer: UnsafeMutableRawBufferPointer) throws(ArchiveError) -> Int {
      guard offset < size else { return 0 }
      let piece = bytes[Int(offset)...].prefix(buffer.count)
      buffer.copyBytes(from: piece)
      return piece.count
    }
  }

  static func archive(_ input: UnsafeRawBufferPointer) {
    do throws(ArchiveError) {
      let reader = try ArchiveReader(Memory(bytes: Array(input)))
      use(reader.manifest)
      readAll(reader)
      try reader.verifyManifest()
      try reader.verifyContents()
    } catch {
      hold(!error.message.isEmpty, "an error has a message")
    }
  }

  private static func readAll(_ reader: ArchiveReader) {
    for member in reader.manifest.members {
      do {
        if member.kind == .csv {
          var digest = TableDigest()
          try reader.eachBatch(of: member.name, mostBytes: 1 << 20) { digest.add($0) }
        } else {
          var bytes: UInt64 = 0
          try reader.read(member.name) { bytes += UInt64($0.count) }
          hold(bytes == member.bytes, "a member that is read to its end has the size that the manifest says")
        }
      } catch {
        continue  // a damaged member is an error of its own
      }
    }
  }

  static func manifest(_ input: UnsafeRawBufferPointer) {
    do throws(ArchiveError) {
      use(try Manifest(json: Array(input), path: "fuzz.tar"))
    } catch {
      hold(!error.message.isEmpty, "an error has a message")
    }
  }

  /// What every command does with a manifest.
  private static func use(_ manifest: Manifest) {
    _ = manifest.waysToRestore
    _ = manifest.members.reduce(0) { $0 + $1.bytes } * 2
    _ = manifest.members.reduce(0) { $0 + $1.storedBytes } * 2
    _ = manifest.tables.reduce(0) { $0 + $1.rows } * 2
    let readme = Readme.text(manifest)
    hold(!readme.unicodeScalars.contains { $0 == "\u{1B}" }, "no control character gets into README.txt")
    for counter in manifest.tables.flatMap({ $0.counters ?? [] }) { _ = counter.hasMovedOn(from: counter) }
    do {
      let again = try Manifest(json: manifest.json(), path: "fuzz.tar")
      hold(again == manifest, "a manifest reads back as it was written")
    } catch {
      hold(false, "a manifest that was read can be written: \(error)")
    }
  }

  /// In pieces of the size that the first byte says: where a piece ends must make no difference.
  static func csv(_ input: UnsafeRawBufferPointer) {
    guard let first = input.first else { return }
    let text = UnsafeRawBufferPointer(rebasing: input.dropFirst())
    let whole = rows(text, piece: text.count)
    hold(rows(text, piece: Int(first) + 1) == whole, "rows do not depend on the pieces that their text comes in")
    guard let whole else { return }
    // Written again and read, they are the same rows.
    let again = whole.text.withUnsafeBytes { rows($0, piece: $0.count) }
    hold(again?.digest == whole.digest, "rows read back as they were written")
  }

  private struct Rows: Equatable {
    var digest = TableDigest()
    var text: [UInt8] = []
  }

  /// nil: it is no CSV of belay's.
  private static func rows(_ text: UnsafeRawBufferPointer, piece: Int) -> Rows? {
    // Twice: the names of the columns are known once a decoder has read on.
    guard let columns = decoded(text, piece, { _ in }) else { return nil }
    var encoder = CSVEncoder()
    var rows = Rows()
    encoder.begin(columns: columns)
    _ = decoded(text, piece) { batch in
      rows.digest.add(batch)
      encoder.add(batch)
      encoder.drain { rows.text += $0 }
    }
    encoder.drain { rows.text += $0 }
    return rows
  }

  /// - Returns: the names of the columns; nil: it is no CSV of belay's.
  private static func decoded(
    _ text: UnsafeRawBufferPointer, _ piece: Int, _ take: (belay_batch) throws -> Void
  ) -> [String]? {
    var decoder = CSVDecoder(source: "fuzz", mostBytes: 1 << 20)
    do {
      var rest = text
      while !rest.isEmpty {
        let part = UnsafeRawBufferPointer(rebasing: rest.prefix(max(piece, 1)))
        try decoder.decode(part, take)
        rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(part.count))
      }
      try decoder.finish(take)
    } catch {
      return nil
    }
    return decoder.columns
  }
}

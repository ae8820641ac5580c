import BelayBase
import Foundation
import SystemPackage

/// What `belay watch` has seen of one target:
///
///     STORE/watch/NAME.ndjson      a line for each round; `{"told":N}` where the changes of round N have been told
///     STORE/watch/NAME.1.ndjson    the lines before, once the file has grown too large
///     STORE/watch/NAME.lock        held by the process that watches it
///
/// Each line is on the disk before anybody is notified of its changes. Used by one thread.
package final class CheckHistory {
  private let folder: FilePath
  private let name: String
  private let lock: FileDescriptor
  private var file: FileDescriptor
  private var bytes: Int
  private let most: Int

  /// The last round; nil: there is none.
  package let last: WatchRecord?
  /// Changes of the last round that may not have been told.
  package let untold: [CheckChange]
  /// What a person must know of the file as it was found.
  package let warnings: [String]

  /// What one file may hold. With the one before it, that is weeks.
  package static let mostBytes = 8 << 20

  /// Opens the history of a target, and keeps every other process from it.
  /// - Parameters:
  ///   - target: as a person knows it.
  ///   - key: what tells it from other targets.
  /// - Throws: `.locked` where another process watches it.
  package init(
    runs: RunState, target: String, key: String, now: Date, most: Int = CheckHistory.mostBytes
  ) throws(BelayError) {
    folder = runs.root.appending("watch")
    name = Self.fileName(target, key)
    self.most = most
    try runs.checkOwnership()
    do throws(Errno) { try Durable.makeFolder(folder) } catch {
      throw BelayError(
        .refused, "cannot write to the store \(runs.root)", hint: "make it writable, or choose another with --store",
        causes: [error.description])
    }
    if let flaw = OwnFolder.flaw(of: folder) {
      throw BelayError(.refused, "the folder \(folder) \(flaw.text)", hint: flaw.cure, state: "nothing was done")
    }
    let lock = try Self.lock(folder.appending("\(name).lock"), target)
    do throws(BelayError) {
      let found = try Self.read(folder, name, now)
      last = found.last
      untold = found.untold
      warnings = found.warnings
      file = try Self.open(folder.appending("\(name).ndjson"))
      bytes = found.bytes
    } catch {
      try? lock.close()  // nothing was written
      throw error
    }
    self.lock = lock
  }

  deinit {
    // Every line is on the disk already.
    try? file.close()
    try? lock.close()
  }

  /// It is on the disk when this returns.
  package func append(_ record: WatchRecord) throws(BelayError) { try write(record, mayBeginAnew: true) }

  /// The changes of that round have been told.
  package func noteTold(_ round: Int) throws(BelayError) {
    // It belongs to the line before.
    try write(Told(told: round), mayBeginAnew: false)
  }

  private struct Told: Codable { var told: Int }

  private func write(_ value: some Encodable, mayBeginAnew: Bool) throws(BelayError) {
    let path = folder.appending("\(name).ndjson")
    do {
      let line = try JSONLine.encode(value)
      if mayBeginAnew, bytes > 0, bytes + line.count > most { try rotate() }
      try Durable.append(line, to: file)
      bytes += line.count
    } catch {
      throw BelayError(
        .failed, "cannot write the history \(path)", hint: Durable.hint(for: error), causes: ["\(error)"])
    }
  }

  private func rotate() throws {
    let path = folder.appending("\(name).ndjson")
    guard rename(path.string, folder.appending("\(name).1.ndjson").string) == 0 else { throw Errno(rawValue: errno) }
    let new = try Self.open(path)
    try? file.close()  // every line is on the disk
    file = new
    bytes = 0
    try Durable.syncFolder(folder)
  }

  // MARK: Files

  private static func open(_ path: FilePath) throws(BelayError) -> FileDescriptor {
    do throws(FileFlaw) {
      return try RegularFile.open(path, .readWrite, options: [.create, .append], trust: .ownFile)
    } catch {
      throw BelayError(.refused, "the history \(path) \(error.text)", hint: error.cure)
    }
  }

  private static func lock(_ path: FilePath, _ target: String) throws(BelayError) -> FileDescriptor {
    let file: FileDescriptor
    do throws(FileFlaw) {
      file = try RegularFile.open(path, .readWrite, options: [.create], trust: .ownFile)
    } catch {
      throw BelayError(.refused, "the lock file \(path) \(error.text)", hint: error.cure)
    }
    guard flock(file.rawValue, LOCK_EX | LOCK_NB) == 0 else {
      let holder = (try? RegularFile.read(path, most: 4096)).map { String(decoding: $0, as: UTF8.self) } ?? ""
      try? file.close()  // nothing was written
      throw BelayError(
        .locked, "\(target) is watched already" + (holder.isEmpty ? "" : ", by \(holder)"),
        hint: "stop the other `belay watch`, or give this one other targets", state: "nothing was done")
    }
    // Only for that message; the lock itself is the kernel's.
    ftruncate(file.rawValue, 0)
    _ = try? file.writeAll(Data("process \(getpid())".utf8))
    return file
  }

  private struct Found {
    var last: WatchRecord?
    var untold: [CheckChange] = []
    var warnings: [String] = []
    var bytes = 0
  }

  private static func read(_ folder: FilePath, _ name: String, _ now: Date) throws(BelayError) -> Found {
    var found = try contents(folder, "\(name).ndjson", now)
    // Right after the file was begun anew, what is known stands in the one before.
    if found.last == nil {
      let earlier = try contents(folder, "\(name).1.ndjson", now)
      found.last = earlier.last
      found.untold = earlier.untold
      found.warnings += earlier.warnings
    }
    return found
  }

  private static func contents(_ folder: FilePath, _ file: String, _ now: Date) throws(BelayError) -> Found {
    let path = folder.appending(file)
    let text: Data
    do throws(FileFlaw) {
      text = try RegularFile.read(path, most: 1 << 28, trust: .ownFile)
    } catch {
      if error.isMissing { return Found() }
      throw BelayError(.refused, "the history \(path) \(error.text)", hint: error.cure)
    }
    let end = text.lastIndex(of: UInt8(ascii: "\n")).map { text.index(after: $0) } ?? text.startIndex
    var found = Found()
    let decoder = JSONDecoder()
    for line in text[..<end].split(separator: UInt8(ascii: "\n")) {
      if let record = try? decoder.decode(WatchRecord.self, from: line) {
        found.last = record
        found.untold = record.changes
      } else if let told = try? decoder.decode(Told.self, from: line) {
        if told.told == found.last?.round { found.untold = [] }
      } else {
        return try setAside(path, now)
      }
    }
    found.bytes = end - text.startIndex
    if end < text.endIndex {
      // A crash in the middle of a line: what was known before it is whole.
      guard truncate(path.string, found.bytes) == 0 else {
        throw BelayError(
          .failed, "cannot write the history \(path)", causes: [Errno(rawValue: errno).description])
      }
      found.warnings = ["the last line of \(path) was cut off and is removed; the rounds before it are kept"]
    }
    return found
  }

  private static func setAside(_ path: FilePath, _ now: Date) throws(BelayError) -> Found {
    let aside = FilePath("\(path).damaged-\(Moment.compact(now))-\(UUID().uuidString.prefix(8))")
    guard rename(path.string, aside.string) == 0 else {
      throw BelayError(
        .failed, "cannot set the damaged history \(path) aside", causes: [Errno(rawValue: errno).description])
    }
    return Found(warnings: ["the history \(path) is damaged: it is set aside as \(aside), and a new one is begun"])
  }

  /// Readable, and of no other target.
  private static func fileName(_ target: String, _ key: String) -> String {
    let readable = target.utf8.prefix(40).map { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
        Character(UnicodeScalar(byte))
      default: Character("-")
      }
    }
    return String(readable) + "-" + TargetName.of(identity: key).prefix(12)
  }
}

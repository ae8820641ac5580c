import BelayArchive
import BelayBase
import Foundation
import SystemPackage

/// Which runs are open, and which have left databases behind: one small file for each, so that nobody reads the journals
/// of all the runs that ever were.
///
///     STORE/index/open/TARGET.RUN     made before the run's journal begins, removed after its last line
///     STORE/index/kept/TARGET.RUN     made before the run ends, removed when its last database is dropped
///     STORE/index/complete            every run that `runs` held when this was written is in the index
///
/// TARGET is a hash of the target's identity. An entry holds the run's record, as the first line of its journal does. The
/// journal decides what is true; an entry only says that it is to be read. One entry too many costs a reading, one too few
/// would lose a run: so entries are made early, removed late, and `complete` is trusted only beside the very folder of runs
/// that it was written for.
struct RunIndex: Sendable {
  enum Kind: String, Sendable, CaseIterable { case open, kept }

  struct Entry: Sendable {
    let run: String
    fileprivate let target: String

    init(run: String, identity: String) {
      self.run = run
      target = TargetName.of(identity: identity)
    }

    /// nil: not the name of an entry.
    fileprivate init?(name: String) {
      guard let dot = name.firstIndex(of: "."), dot != name.startIndex else { return nil }
      target = String(name[..<dot])
      run = String(name[name.index(after: dot)...])
    }

    fileprivate var name: String { "\(target).\(run)" }
    func isOf(_ identity: String) -> Bool { target == TargetName.of(identity: identity) }
  }

  private let folder: FilePath
  private let runs: FilePath

  init(_ folder: FilePath, of runs: FilePath) {
    self.folder = folder
    self.runs = runs
  }

  private func folder(_ kind: Kind) -> FilePath { folder.appending(kind.rawValue) }
  private func path(_ kind: Kind, _ entry: Entry) -> FilePath { folder(kind).appending(entry.name) }

  // MARK: Entries

  /// Those there are, oldest run first.
  func entries(_ kind: Kind) throws(BelayError) -> [Entry] {
    try FolderListing.names(folder(kind)).compactMap(Entry.init(name:)).sorted { $0.run < $1.run }
  }

  /// It is on the disk when this returns.
  func add(_ kind: Kind, _ record: RunRecord) throws(BelayError) {
    let entry = Entry(run: record.id, identity: record.identity)
    let path = path(kind, entry)
    do {
      if self.record(kind, entry) == record {
        // Whoever wrote it may have been killed before it was on the disk.
        try Durable.syncFile(path)
        return try Durable.syncFolder(folder(kind))
      }
      let encoder = JSONEncoder()
      encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
      try Durable.makeFolder(folder(kind))
      try Durable.create(try encoder.encode(record), at: path)
    } catch {
      throw BelayError(
        .refused, "cannot write \(path)", hint: Durable.hint(for: error), causes: ["\(error)"])
    }
  }

  /// One that cannot be removed, or comes back after a power cut, is found to be stale by the next reader.
  func remove(_ kind: Kind, _ entry: Entry) { unlink(path(kind, entry).string) }

  /// What an entry holds; nil where it was cut off in the middle: then its journal has not begun either.
  func record(_ kind: Kind, _ entry: Entry) -> RunRecord? {
    do {
      let bytes = try RegularFile.read(path(kind, entry), trust: .ownFile)
      let record = try JSONDecoder().decode(RunRecord.self, from: bytes)
      return record.id == entry.run ? record : nil
    } catch {
      return nil
    }
  }

  // MARK: Complete

  private var marker: FilePath { folder.appending("complete") }
  /// Lies among the runs. Nothing but the kernel can set the time of its last change: a copy of it has another one.
  private var stamp: FilePath { runs.appending(".stamp") }

  /// False for a store of an earlier belay, and for runs that were copied or restored from elsewhere.
  var isComplete: Bool {
    guard let stamp = identityOfStamp() else { return false }
    // A marker that is missing or cannot be read says nothing.
    return (try? RegularFile.read(marker, trust: .ownFile)) == Data(stamp.utf8)
  }

  /// Adds what the journals tell, and marks the index as complete. Two processes may do it at once.
  func complete(with found: [(Kind, RunRecord)]) throws(BelayError) {
    for (kind, record) in found { try add(kind, record) }
    do {
      for kind in Kind.allCases { try Durable.makeFolder(folder(kind)) }
      try makeStamp()
      guard let identity = identityOfStamp() else { throw Errno.noSuchFileOrDirectory }
      // In its own place: two processes may write it at once, and half of it is no marker.
      try Durable.create(Data(identity.utf8), at: marker)
    } catch {
      throw BelayError(.refused, "cannot write the index of runs \(folder)", causes: ["\(error)"])
    }
  }

  /// An existing one stays as it is: another process may be writing the marker for it.
  private func makeStamp() throws(Errno) {
    guard identityOfStamp() == nil else { return }
    let stamp = stamp
    try Durable.typed {
      try FileDescriptor.open(
        stamp, .writeOnly, options: [.create, .closeOnExec, .noFollow], permissions: [.ownerReadWrite]
      ).close()
    }
    try Durable.syncFolder(runs)
  }

  private func identityOfStamp() -> String? {
    var info = stat()
    guard lstat(stamp.string, &info) == 0 else { return nil }
    return "\(info.st_ino) \(info.st_ctim.tv_sec).\(info.st_ctim.tv_nsec)\n"
  }
}

/// A target's name in the names of files.
enum TargetName {
  static func of(identity: String) -> String { String(sha256(Array(identity.utf8)).prefix(24)) }
}

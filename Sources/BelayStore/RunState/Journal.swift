import BelayBase
import Foundation
import SystemPackage

/// The append-only record of one run: `STORE/runs/ID/journal.ndjson`. `write` returns when the line is on the disk.
///
/// Used by one thread.
package final class Journal {
  package static let fileName = "journal.ndjson"

  private struct Line: Codable {
    var seq: Int
    var time: String
    var step: Step
  }

  package let path: FilePath
  private let file: FileDescriptor
  private var next: Int
  private var fault: Fault?

  /// Begins a run's journal, or goes on with the one that a dead run left.
  package init(folder: FilePath) throws(BelayError) {
    path = folder.appending(Self.fileName)
    if let flaw = OwnFolder.flaw(of: folder) {
      throw BelayError(.refused, "the folder \(folder) \(flaw.text)", hint: flaw.cure)
    }
    do {
      try Durable.makeFolder(folder)
      let path = path
      next = (try? Self.lines(path).count) ?? 0
      file = try Durable.typed {
        try FileDescriptor.open(
          path, .readWrite, options: [.create, .append, .closeOnExec, .noFollow, .nonBlocking],
          permissions: [.ownerReadWrite])
      }
      try Self.endTornLine(file)
      try Durable.syncFolder(folder)
    } catch {
      throw BelayError(.refused, "cannot write the journal \(folder)", causes: [error.description])
    }
    fault = Fault.fromEnvironment()
  }

  deinit { try? file.close() }

  /// Appends one step, and syncs it.
  package func write(_ step: Step) throws(BelayError) {
    fault?.strike(at: next, .before)
    do {
      try Durable.append(JSONLine.encode(Line(seq: next, time: Moment.iso(Date()), step: step)), to: file)
    } catch {
      throw BelayError(
        .failed, "cannot write the journal \(path)", hint: Durable.hint(for: error), causes: ["\(error)"])
    }
    fault?.strike(at: next, .after)
    next += 1
  }

  /// What a journal says.
  package struct Contents: Sendable {
    /// Those that can be read, oldest first, whatever lies between them. A last line cut off by a crash is left out: its act
    /// was never begun.
    package var steps: [Step] = []
    /// Why some cannot be read.
    package var damage: BelayError?

    /// There is no journal, or it has no whole line.
    package var isEmpty: Bool { steps.isEmpty && damage == nil }
    package var isEnded: Bool { steps.contains(where: \.isEnd) }
    /// Of the first line; nil where that is missing or damaged.
    package var record: RunRecord? { if case .began(let record)? = steps.first { record } else { nil } }
  }

  /// Reads a journal as far as that is possible; empty where there is none.
  package static func contents(_ path: FilePath) -> Contents {
    var status = stat()
    guard lstat(path.string, &status) == 0 || errno != ENOENT else { return Contents() }
    do throws(BelayError) {
      let lines = try lines(path)
      let damaged = lines.firstIndex { $0?.possible == nil }
      return Contents(
        steps: lines.compactMap { $0?.possible }, damage: damaged.map { damage(path, line: $0 + 1, lines[$0]) })
    } catch {
      return Contents(damage: error)
    }
  }

  /// The steps that can be read; empty where there is no journal.
  package static func readable(_ path: FilePath) -> [Step] { contents(path).steps }

  /// nil for a line that is damaged.
  private static func lines(_ path: FilePath) throws(BelayError) -> [Step?] {
    let bytes: Data
    do throws(FileFlaw) {
      bytes = try RegularFile.read(path, trust: .ownFile)
    } catch {
      throw BelayError(
        .refused, "the journal \(path) \(error.text)",
        hint: "if it is of a run of yours, mend that\(error.cure.map { ": \($0)" } ?? ""); else move its folder away")
    }
    let newline = UInt8(ascii: "\n")
    // Without its line end the last line was never synced, so its act was never begun.
    let whole = bytes.lastIndex(of: newline).map { bytes[...$0] } ?? Data()
    let decoder = JSONDecoder()
    return whole.split(separator: newline, omittingEmptySubsequences: true).map { line in
      do { return try decoder.decode(Line.self, from: line).step } catch { return nil }
    }
  }

  /// - Parameter step: what stands in the line, but names something that belay never would.
  private static func damage(_ path: FilePath, line: Int, _ step: Step?) -> BelayError {
    if let name = step?.impossibleName {
      return BelayError(
        .refused,
        "the journal \(path) names `\(name.debugDescription.dropFirst().dropLast().prefix(80))` in line \(line), which belay never writes",
        hint: "somebody else has written it: check the database, then move the folder of that run away")
    }
    return BelayError(
      .failed, "the journal \(path) is damaged at line \(line)",
      hint: "check the database, then move that file away; to return to the archive of the run: `belay list`, "
        + "`belay rollback ID`")
  }

  /// After a crash in mid-line the next step must not be glued to the torn one.
  private static func endTornLine(_ file: FileDescriptor) throws(Errno) {
    try Durable.typed {
      let end = try file.seek(offset: 0, from: .end)
      guard end > 0 else { return }
      var last: UInt8 = 0
      _ = try withUnsafeMutableBytes(of: &last) { try file.read(fromAbsoluteOffset: end - 1, into: $0) }
      guard last != UInt8(ascii: "\n") else { return }
      let start = try Self.startOfLastLine(file, end: end)
      guard ftruncate(file.rawValue, Int(start)) == 0 else { throw Errno(rawValue: errno) }
    }
  }

  private static func startOfLastLine(_ file: FileDescriptor, end: Int64) throws -> Int64 {
    var bytes = [UInt8](repeating: 0, count: Int(end))
    _ = try bytes.withUnsafeMutableBytes { try file.read(fromAbsoluteOffset: 0, into: $0) }
    return Int64((bytes.lastIndex(of: UInt8(ascii: "\n")) ?? -1) + 1)
  }
}

extension Step {
  /// nil: it names what belay never would, so nobody acts by it.
  fileprivate var possible: Step? { impossibleName == nil ? self : nil }
}

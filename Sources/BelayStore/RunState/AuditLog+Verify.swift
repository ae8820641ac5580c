import BelayBase

/// What a check of the audit log's chain has found.
package struct AuditVerdict: Sendable, Equatable {
  package struct Break: Sendable, Equatable {
    /// nil: about a line that is not there.
    package let line: Int?
    package let message: String
  }

  package var entries = 0
  /// Where the log is not as belay wrote it, in its order.
  package var breaks: [Break] = []
  /// What a crash can leave, and what nobody can check any more.
  package var remarks: [Break] = []
}

extension AuditLog {
  /// Checks that each line names the hash of the one before, and that the log tells of every run that has ended in this
  /// store. The first shows a line that was changed, removed from the middle, swapped or put in; the second one that was
  /// removed from the end. A line that somebody adds at the end with the right hash names a run that the store does not
  /// have.
  package func verify(runs: RunState) throws(BelayError) -> AuditVerdict {
    var lines: [AuditLine] = []
    try eachLine { lines.append($0) }
    var verdict = AuditVerdict(entries: lines.count { $0.entry != nil })
    let places = Dictionary(lines.map { ($0.hash, $0.number) }, uniquingKeysWith: { first, _ in first })
    for (index, line) in lines.enumerated() {
      let before = index > 0 ? lines[index - 1] : nil
      if let entry = line.entry {
        guard entry.previous != (before?.hash ?? "") else { continue }
        verdict.breaks.append(Self.wrong(line, entry, after: before, places))
      } else if line.isCutOff {
        verdict.remarks.append(
          .init(line: line.number, message: "is cut off: a crash, or somebody, stopped its writing"))
      } else if index + 1 < lines.count, lines[index + 1].entry?.previous == line.hash {
        verdict.remarks.append(
          .init(line: line.number, message: "was cut off by a crash; the chain goes on after what is left of it"))
      } else {
        verdict.breaks.append(.init(line: line.number, message: "is no entry of belay's"))
      }
    }
    let entries = lines.compactMap { line in line.entry.map { (line: line.number, entry: $0) } }
    let removed = Set(entries.filter { $0.entry.removes }.map(\.entry.run))
    try compare(
      entries.filter { !$0.entry.isOfArchive }.map { ($0.line, $0.entry.run) }, removed: removed, with: runs, &verdict)
    return verdict
  }

  private static func wrong(
    _ line: AuditLine, _ entry: Entry, after before: AuditLine?, _ places: [String: Int]
  ) -> AuditVerdict.Break {
    let found = entry.previous.isEmpty ? "none" : entry.previous.prefix(12) + "…"
    let wanted = before.map { "line \($0.number) has \($0.hash.prefix(12))…" } ?? "it is the first line"
    let guess =
      switch (places[entry.previous], entry.previous.isEmpty) {
      case (_, true): "lines were put in before it, or it was moved"
      case (let place?, _) where place < line.number: "what stands between it and line \(place) was put in or moved"
      case (let place?, _): "it belongs after line \(place): it was moved"
      case (nil, _) where before == nil: "the lines before it were removed"
      case (nil, _): "the line before it was changed, or a line between them was removed"
      }
    return .init(
      line: line.number, message: "names \(found) as the hash of the line before, but \(wanted): \(guess)")
  }

  private func compare(
    _ told: [(line: Int, run: String)], removed: Set<String>, with runs: RunState, _ verdict: inout AuditVerdict
  ) throws(BelayError) {
    let known = Set(try FolderListing.names(runs.runsFolder))
    let logged = Set(told.map(\.run))
    for run in known.subtracting(logged).sorted() where runs.ending(of: run) != nil {
      verdict.breaks.append(
        .init(
          line: nil, message: "run \(run) has ended, and no line tells of it: it was removed, or could not be written"))
    }
    for (line, run) in told where !known.contains(run) && !removed.contains(run) {
      verdict.remarks.append(
        .init(
          line: line, message: "tells of run \(run), of which this store has no folder: it was removed, or never was"))
    }
  }
}

extension AuditLog.Entry {
  /// What was done with an archive or with what is left of a run: `run` names that, and no run that did it.
  fileprivate var isOfArchive: Bool { ["prune", "forget", "pin", "unpin"].contains(action) }

  /// A run's folder may be gone by it.
  fileprivate var removes: Bool { ["prune", "forget"].contains(action) }
}

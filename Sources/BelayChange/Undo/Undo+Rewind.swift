import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore
import Foundation

/// The engine's own rewind, to the bookmark that was taken before the first statement, or that the backup was taken at.
extension Undo {
  /// - Parameters:
  ///   - before: what was there at the bookmark; nil: what the archive holds.
  ///   - present: what is there now; nil: not known.
  /// - Returns: the state, proven; nil where the driver, or this run, has not what the method needs.
  func rewind(to before: DatabaseState?, from present: DatabaseState?) throws(BelayError) -> String? {
    guard rewinds, run.connection.hasRewind, let bookmark else { return nil }
    let undo: String
    let unseen = try nameUnseen()
    do {
      let connection = run.connection
      let since = Self.now
      let mark = try connection.markPresent(operation: context.unstoppable())
      try run.journal.write(.rollingBack(method: .rewind, archive: reader.manifest.id))
      // Told before the act: a kill in its middle must not lose the way to what was there.
      if let mark { try run.journal.write(.rewinding(to: bookmark, undo: mark, since: since)) }
      undo = try connection.rewind(to: bookmark, operation: context.unstoppable("rewinding"))
      try run.journal.write(.rewound(undo: undo))
    } catch {
      throw BelayError(any: error, doing: "cannot rewind to the bookmark \(bookmark)", kind: .notRolledBack)
    }
    run.report.add(.rewind(to: bookmark, undo: undos))
    try run.journal.write(.rolledBack(method: .rewind))
    context.phase(.prove, target)
    let expected: DatabaseState
    if let before { expected = before } else { expected = try DatabaseState.recorded(in: reader) }
    let connection = try run.access.open(scratch: run.scratchFolder, operation: context.unstoppable("opening"))
    defer { connection.close() }
    let state = try StateReader(context: context, what: "proving", stoppable: false).read(connection)
    try refuseUnmoved(state, from: present, to: expected)
    let words = try prove(state, equals: expected)
    try run.journal.write(.proven)
    return "restored by \(RollbackMethod.rewind.words) to the bookmark \(bookmark), and proven: \(words); "
      + "the bookmark \(undo) leads to the state before that" + unseen
  }

  /// The process that rewound before this one may have ended before it could journal the answer. What others wrote between
  /// its bookmark and the rewind is behind a bookmark that only the answer named: here it is looked for.
  /// - Returns: for the state; empty where no answer is missing.
  private func nameUnseen() throws(BelayError) -> String {
    guard let (mark, since) = unseenRewind else { return "" }
    let search: UnseenRewind
    do throws(DriverError) {
      let connection = run.connection
      search = try UnseenRewind(of: mark, since: since, until: Self.now) { moment throws(DriverError) in
        try connection.mark(atMilliseconds: moment, operation: context.unstoppable("looking for a lost bookmark"))
      }
    } catch {
      context.log(
        .warning,
        "the answer to an earlier rewind was lost, and the bookmark that undoes it cannot be looked for: \(error.message)"
      )
      return ""
    }
    try run.journal.write(.rewoundUnseen(undos: search.bookmarks))
    return search.words
  }

  /// The last rewind, if it has no answer in the journal.
  private var unseenRewind: (mark: String, since: Int64)? {
    var unseen: (String, Int64)?
    for step in steps {
      switch step {
      case .rewinding(_, let mark, let since): unseen = since.map { (mark, $0) }
      case .rewound, .rewoundUnseen: unseen = nil
      default: break
      }
    }
    return unseen
  }

  private static var now: Int64 { Int64(Date().timeIntervalSince1970 * 1000) }

  /// Rows that differ count as others'. Those of a table that is as it was before going back are not: nothing went back.
  private func refuseUnmoved(
    _ state: DatabaseState, from present: DatabaseState?, to expected: DatabaseState
  ) throws(BelayError) {
    guard let present else { return }
    let unmoved = state.differences(from: expected).compactMap { difference -> String? in
      guard case .rows(let table, _, let now) = difference, !difference.isOfLock,
        !difference.isOfInternal(state.catalog), present.tables[table] == now
      else { return nil }
      return difference.description
    }
    guard unmoved.isEmpty else {
      throw BelayError(
        .notRolledBack, "the engine reported a rewind, but the database was not rewound", causes: unmoved)
    }
  }

  private var steps: [Step] { Journal.readable(run.journal.path) }

  /// A migration goes back to what was there before its first statement; a rollback to the backup's instant.
  private var bookmark: String? {
    guard run.kind.changesTarget else { return reader.manifest.bookmark }
    for case .marked(let bookmark) in steps.reversed() { return bookmark }
    return nil
  }

  /// The first one leads to what was there before anything of this run went back.
  private var undos: [String] {
    var found: [String] = []
    for step in steps {
      switch step {
      case .rewinding(_, let undo, _), .rewound(let undo): if !found.contains(undo) { found.append(undo) }
      case .rewoundUnseen(let undos): found += undos.filter { !found.contains($0) }
      default: break
      }
    }
    return found
  }
}

extension Run {
  /// Takes the engine's bookmark of the present, before the first statement, and journals it.
  package func markForRewind() throws(BelayError) {
    let bookmark: String?
    do {
      bookmark = try connection.markPresent(operation: context.stoppable("taking a bookmark"))
    } catch  where error.code == .denied || error.code == .unsupported {
      context.log(.warning, "the engine's own rewind cannot be used: \(error.message)")
      return
    } catch {
      throw BelayError(
        error, doing: "cannot take a bookmark of \(access.redactedURL)", kind: .refused,
        state: "\(access.redactedURL) is untouched")
    }
    if let bookmark { try journal.write(.marked(bookmark: bookmark)) }
  }
}

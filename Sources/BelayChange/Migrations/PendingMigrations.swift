import BelayBase
import BelayDrivers

/// Which files of a folder are to be applied. Files that must not be are refused here.
struct PendingMigrations {
  let source: any MigrationSource
  let request: MigrateRequest
  /// What other tools' ledgers in the database say.
  let elsewhere: LedgersElsewhere

  struct Found {
    var files: [MigrationFile] = []
    var skipped: [SkippedFile] = []
    var findings: [Finding] = []
  }

  /// - Parameters:
  ///   - applied: by the ledger, in order of name.
  ///   - table: the ledger's, for messages.
  ///   - sharesFiles: the ledger is of a tool that other tools write files for, as Drizzle does for wrangler.
  func find(applied: [AppliedMigration], sharesFiles: Bool) throws(BelayError) -> Found {
    var found = request.files.isEmpty ? try pending(applied, sharesFiles) : try named(applied)
    for file in found.files { try refuseMarked(file) }
    found.findings += try elsewhere.check(
      found.files, isFirst: applied.isEmpty, areNamed: !request.files.isEmpty)
    return found
  }

  private func named(_ applied: [AppliedMigration]) throws(BelayError) -> Found {
    let named = try source.files(named: request.files)
    for file in named {
      if let row = applied.first(where: { $0.name == file.name }) {
        let isSame = row.sha256.isEmpty || row.sha256 == file.sha256
        throw BelayError(
          .refused,
          "the migration \(file.name) has already been applied (\(row.words))" + (isSame ? "" : ", with another text"),
          state: "the database is untouched")
      }
      try refuseRenamed(file, applied)
    }
    return Found(files: named)
  }

  private func pending(_ applied: [AppliedMigration], _ sharesFiles: Bool) throws(BelayError) -> Found {
    let content = try source.read()
    let files = content.files
    try refuseChanged(files, applied: applied)
    let done = Set(applied.map(\.name))
    var pending = files.filter { !done.contains($0.name) }
    let unclear = content.unclear.filter { !done.contains($0.name) }
    if let mark = content.mark, !pending.isEmpty || !unclear.isEmpty, !(sharesFiles && mark.isOnlyOfAccount) {
      throw refusal(mark, pending + unclear)
    }
    if let first = unclear.first { throw refusal(unclear: first, count: unclear.count) }
    for file in pending { try refuseRenamed(file, applied) }
    try refuseOutOfOrder(pending, applied: applied)
    if let to = request.to {
      // Of two with this number, both are meant.
      guard
        let last = files.first(where: { $0.isCalled(to) })
          ?? files.last(where: { $0.version.map { isSame($0, to) } == true })
      else {
        throw BelayError(
          .notFound, "there is no migration \(to) in \(source.description)",
          hint: NearestName.to(to, among: files.map(\.name)).map { "did you mean \($0)?" }
            ?? "--to takes a file's name, with or without its ending, or its number", state: "the database is untouched"
        )
      }
      pending = pending.filter { $0.name == last.name || source.precedes($0.name, last.name) }
    }
    return Found(
      files: pending, skipped: content.skipped,
      findings: twins(of: pending, among: files) + [ledgerIsAhead(files, applied)].compactMap(\.self))
  }

  // MARK: Worth knowing

  /// Two people have given out one number: nothing says which of the files was meant to be first. A day is no such number.
  private func twins(of pending: [MigrationFile], among files: [MigrationFile]) -> [Finding] {
    let numbered = Dictionary(grouping: files) { $0.version.flatMap { NumberedVersions.number($0) } }
    return numbered.compactMap { number, twins -> Finding? in
      guard let number, twins.count > 1, number.count != 8, let last = twins.last,
        twins.contains(where: { twin in pending.contains { $0.name == twin.name } })
      else { return nil }
      let names = twins.map(\.name).joined(separator: ", ")
      return Finding(
        .warning, source: "migrations", rule: "same-number", subject: last.name,
        message: "has the number of another file: \(names) are applied in this order",
        hint: "give it the next number, if it is not applied yet")
    }.sorted { source.precedes($0.subject, $1.subject) }
  }

  /// Often the folder is an older one than the database's.
  private func ledgerIsAhead(_ files: [MigrationFile], _ applied: [AppliedMigration]) -> Finding? {
    guard let newest = applied.last(where: { source.isInOrder($0.name) }), !source.contains(newest.name),
      let last = files.last, source.precedes(last.name, newest.name)
    else { return nil }
    return Finding(
      .warning, source: "migrations", rule: "ledger-ahead", subject: newest.name,
      message: "has been applied (\(newest.words)), and the newest file in \(source.description) is \(last.name)",
      hint: "is this the right branch?")
  }

  /// `7` means the file `0007_posts.sql`.
  private func isSame(_ version: String, _ typed: String) -> Bool {
    version == typed || (Int(typed) != nil && Int(version) == Int(typed))
  }

  // MARK: Refusals

  private func refuseChanged(_ files: [MigrationFile], applied: [AppliedMigration]) throws(BelayError) {
    let known = Dictionary(applied.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let changed = files.filter { file in
      known[file.name].map { !$0.sha256.isEmpty && $0.sha256 != file.sha256 } ?? false
    }
    guard let first = changed.first, let row = known[first.name] else { return }
    throw BelayError(
      .refused, "the migration \(first.name) was changed after it was applied (\(row.words))",
      hint: "restore the old text and make the change in a new file", state: "the database is untouched",
      causes: changed.dropFirst().map { "\($0.name) was changed too" })
  }

  /// The ledger has its text under a name that is not there any more. Two files of equal text are no such case.
  private func refuseRenamed(_ file: MigrationFile, _ applied: [AppliedMigration]) throws(BelayError) {
    guard
      let row = applied.first(where: { $0.sha256 == file.sha256 && $0.name != file.name && !source.contains($0.name) })
    else { return }
    throw BelayError(
      .refused, "the migration \(file.name) has already been applied, as \(row.name) (\(row.words))",
      hint: "rename the file back to \(row.name); if it is to run once more, give it another text, e.g. a comment",
      state: "the database is untouched")
  }

  private func refuseOutOfOrder(_ pending: [MigrationFile], applied: [AppliedMigration]) throws(BelayError) {
    guard !request.outOfOrder, let newest = applied.last(where: { source.isInOrder($0.name) }) else { return }
    let late = pending.filter { source.precedes($0.name, newest.name) }
    guard let first = late.first else { return }
    throw BelayError(
      .refused, "the migration \(first.name) has not been applied, but sorts before \(newest.name), which has",
      hint: "give it a later name, or apply it with --out-of-order", state: "the database is untouched",
      causes: late.dropFirst().map { "so does \($0.name)" })
  }

  private func refusal(unclear file: MigrationFile, count: Int) -> BelayError {
    let counterpart = DownName(file.name)?.counterparts.first ?? ""
    return BelayError(
      .refused,
      "the name \(file.name) does not tell whether the file is a migration or undoes one: there is no \(counterpart) beside it",
      hint: "if it is a migration, rename it so that `down` is neither its first nor its last word; if it undoes one, "
        + "let its name end in .down.sql; to apply it now, name it",
      state: "the database is untouched", causes: count > 1 ? ["so do the names of \(count - 1) more"] : [])
  }

  // MARK: Other tools

  private func refusal(_ mark: FolderMark, _ pending: [MigrationFile]) -> BelayError {
    let names = pending.prefix(5).map(\.name).joined(separator: ", ") + (pending.count > 5 ? ", …" : "")
    return BelayError(
      .refused, "the migrations folder \(source.description) is \(mark.tool.name)'s: \(mark.reason)",
      hint: "\(mark.tool.advice); to let belay apply a file, name it, or put SQL files whose names begin with a number "
        + "into a folder of their own",
      state: "the database is untouched", causes: ["not applied: \(names)"])
  }

  private func refuseMarked(_ file: MigrationFile) throws(BelayError) {
    guard let mark = FileMark(in: file.sql) else { return }
    let tool = mark.tool == .unknown ? "has two parts" : "is written for \(mark.tool.name)"
    let what =
      mark.beginsDown
      ? "belay would also run what follows `\(mark.text)` (line \(mark.line)), which undoes it"
      : "line \(mark.line) is `\(mark.text)`"
    throw BelayError(
      .refused, "the migration \(file.name) \(tool): \(what)",
      hint: (mark.tool == .unknown ? "" : "\(mark.tool.advice); ")
        + "to let belay apply it, put only the part that makes the change into a file, without these comments",
      state: "the database is untouched")
  }
}

extension MigrationFile {
  /// By its name, with or without its ending: `0007_posts.sql` or `0007_posts`.
  func isCalled(_ typed: String) -> Bool {
    name == typed || name.lastIndex(of: ".").map { name[..<$0] == typed } == true
  }
}

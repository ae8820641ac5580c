import BelayBase

/// Which files of a folder are to be applied. Files that must not be are refused here.
struct PendingMigrations {
  let source: any MigrationSource
  let request: MigrateRequest

  /// - Parameter applied: by the ledger, in order of name.
  func files(applied: [AppliedMigration]) throws(BelayError) -> [MigrationFile] {
    if !request.files.isEmpty {
      let named = try source.files(named: request.files)
      for file in named {
        if let row = applied.first(where: { $0.name == file.name }) {
          throw BelayError(
            .refused, "the migration \(file.name) has already been applied (\(row.words))",
            state: "the database is untouched")
        }
      }
      return named
    }
    let files = try source.files()
    try refuseChanged(files, applied: applied)
    let done = Set(applied.map(\.name))
    var pending = files.filter { !done.contains($0.name) }
    try refuseOutOfOrder(pending, applied: applied)
    if let to = request.to {
      guard
        let last = files.first(where: { $0.isCalled(to) || $0.version.map { isSame($0, to) } == true })
      else {
        throw BelayError(
          .notFound, "there is no migration \(to) in \(source.description)",
          hint: NearestName.to(to, among: files.map(\.name)).map { "did you mean \($0)?" }
            ?? "--to takes a file's name, with or without its ending, or its number", state: "the database is untouched"
        )
      }
      pending = pending.filter { $0.name == last.name || source.precedes($0.name, last.name) }
    }
    return pending
  }

  /// `7` means the file `0007_posts.sql`.
  private func isSame(_ version: String, _ typed: String) -> Bool {
    version == typed || (Int(typed) != nil && Int(version) == Int(typed))
  }

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

  private func refuseOutOfOrder(_ pending: [MigrationFile], applied: [AppliedMigration]) throws(BelayError) {
    guard !request.outOfOrder, let newest = applied.last(where: { !source.isDown($0.name) }) else { return }
    let late = pending.filter { source.precedes($0.name, newest.name) }
    guard let first = late.first else { return }
    throw BelayError(
      .refused, "the migration \(first.name) has not been applied, but sorts before \(newest.name), which has",
      hint: "give it a later name, or apply it with --out-of-order", state: "the database is untouched",
      causes: late.dropFirst().map { "so does \($0.name)" })
  }
}

extension MigrationFile {
  /// By its name, with or without its ending: `0007_posts.sql` or `0007_posts`.
  fileprivate func isCalled(_ typed: String) -> Bool {
    name == typed || name.lastIndex(of: ".").map { name[..<$0] == typed } == true
  }
}

import BelayBase

/// How plain files stand beside a ledger of names.
struct PlainStatus {
  let source: any MigrationSource
  let content: SourceContent
  /// In order of name.
  let applied: [AppliedMigration]

  var migrations: [MigrationStatus] {
    let files = content.files + content.unclear
    let rows = Dictionary(applied.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })
    let names = Set(files.map(\.name))
    let newest = applied.last { source.isInOrder($0.name) }?.name
    var all = files.map { file in
      guard let row = rows[file.name] else { return pending(file, newest: newest) }
      let isChanged = !row.sha256.isEmpty && row.sha256 != file.sha256
      return Self.done(
        row, isChanged ? .changed : .applied, remark: isChanged ? "the file was changed after it was applied" : nil)
    }
    for row in applied where !names.contains(row.name) {
      let isThere = source.contains(row.name)
      all.append(Self.done(row, isThere ? .applied : .missing, remark: isThere ? nil : "the file is gone"))
    }
    return all.sorted { source.precedes($0.name, $1.name) }
  }

  private func pending(_ file: MigrationFile, newest: String?) -> MigrationStatus {
    let isLate = newest.map { source.precedes(file.name, $0) } ?? false
    return MigrationStatus(
      name: file.name, state: .pending,
      remark: isLate ? "sorts before \(newest ?? ""), which is applied: needs --out-of-order" : nil)
  }

  private static func done(
    _ row: AppliedMigration, _ state: MigrationStatus.State, remark: String?
  ) -> MigrationStatus {
    MigrationStatus(
      name: row.name, state: state, appliedAt: row.appliedAt.isEmpty ? nil : row.appliedAt,
      by: row.run.isEmpty ? "another tool" : "run \(row.run)", remark: remark)
  }
}

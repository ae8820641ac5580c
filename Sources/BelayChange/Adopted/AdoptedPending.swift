import BelayBase
import BelayDatabase
import BelayDrivers

/// What is to be done in an adopted folder: by the tool's own rules, up or down. What must not be done is refused here.
struct AdoptedPending {
  let tool: any AdoptedTool
  let content: ToolContent
  let state: LedgerState
  /// The ledger's table, for messages.
  let table: String
  /// What belay has applied here.
  let receipts: [Receipts.Row]
  /// Tables that are neither belay's nor the tool's, where the ledger would be made.
  let strangers: [String]
  let request: MigrateRequest
  /// The folder, for messages.
  let folder: String

  func find() throws(BelayError) -> PendingMigrations.Found {
    try refuseTwins()
    try refuseMissing()
    try refuseChanged()
    let review = try tool.review(content, state)
    var found = request.down != nil || request.downTo != nil ? try down() : try up()
    found.findings += review
    if let finding = ledgerIsAhead { found.findings.append(finding) }
    return found
  }

  /// The tool goes on; but often the folder is an older one than the database's.
  private var ledgerIsAhead: Finding? {
    guard let newest = newestApplied, let last = content.migrations.last(where: { !$0.version.isEmpty })?.version,
      tool.precedes(last, newest)
    else { return nil }
    return Finding(
      .warning, source: "migrations", rule: "ledger-ahead", subject: "table \(table)",
      message: "has version \(newest), and the newest file in \(folder) is of version \(last)",
      hint: "is this the right branch?")
  }

  // MARK: Up

  private func up() throws(BelayError) -> PendingMigrations.Found {
    var pending = content.migrations.filter { !tool.isApplied($0, state) }
    var found = PendingMigrations.Found(skipped: content.skipped)
    if let to = request.to {
      let last = try migration(called: to, option: "--to")
      let index = content.migrations.firstIndex { $0.name == last.name } ?? content.migrations.endIndex
      let names = Set(content.migrations[...index].map(\.name))
      pending = pending.filter { names.contains($0.name) }
    }
    guard !pending.isEmpty else { return found }
    if let obstacle = content.obstacle { throw obstacle }
    if state.isLost, let obstacle = content.obstacleAtFirst { throw obstacle }
    try refuseRenamed(pending)
    try refuseLostLedger(pending)
    if state.isLost, tool.wantsEmptyDatabase, let object = strangers.first { throw notEmpty(object) }
    found.findings += try late(pending)
    for migration in pending {
      let file = try migration.up.get()
      found.files.append(tool.noWayDown == nil ? file.undone(by: migration.wayDown) : file)
    }
    return found
  }

  private func late(_ pending: [ToolMigration]) throws(BelayError) -> [Finding] {
    guard state.highest == nil, let newest = newestApplied else { return [] }
    let late = pending.filter { !$0.version.isEmpty && tool.precedes($0.version, newest) }
    guard let first = late.first else { return [] }
    let what = "has not been applied, but comes before version \(newest), which has"
    switch tool.late {
    case .refuses where !request.outOfOrder:
      throw BelayError(
        .refused, "the migration \(first.name) \(what)",
        hint: "\(tool.tool.name) would not apply it either; give it a later version, or apply it with --out-of-order",
        state: untouched, causes: late.dropFirst().map { "so does \($0.name)" })
    case .applies, .refuses:
      return late.map {
        Finding(.note, source: "migrations", rule: "late", subject: $0.name, message: what + "; it is applied now")
      }
    }
  }

  private var newestApplied: String? { state.applied.map(\.version).max { tool.precedes($0, $1) } }

  // MARK: All

  /// Every migration up to a version, whatever the ledger says of it. Of those without a version, which run whenever their
  /// text changes, all.
  func upTo(
    _ typed: String, option: String
  ) throws(BelayError) -> (files: [MigrationFile], repeated: [MigrationFile]) {
    try refuseTwins()
    let last = try migration(called: typed, option: option)
    guard let index = content.migrations.firstIndex(where: { $0.name == last.name }), !last.version.isEmpty else {
      throw BelayError(
        .usage, "\(last.name) has no version", hint: "name a migration that has one",
        state: untouched)
    }
    var files: [MigrationFile] = []
    for migration in content.migrations[...index] where !migration.version.isEmpty {
      files.append(try migration.up.get())
    }
    var repeated: [MigrationFile] = []
    for migration in content.migrations where migration.version.isEmpty { repeated.append(try migration.up.get()) }
    return (files, repeated)
  }

  // MARK: Down

  private func down() throws(BelayError) -> PendingMigrations.Found {
    if let reason = tool.noWayDown {
      throw BelayError(
        .refused, "belay cannot undo migrations of \(tool.tool.name)'s: \(reason)",
        hint: "`belay rollback` puts the backup of a run back", state: untouched)
    }
    var found = PendingMigrations.Found()
    for version in try versionsToUndo() {
      guard let migration = content.migrations.first(where: { tool.isSame($0.version, version) }) else {
        throw BelayError(
          .refused, "cannot undo version \(version): its file is not in \(folder)",
          hint: "get the file back, or put a backup back with `belay rollback`", state: untouched)
      }
      guard let down = migration.down else {
        throw BelayError(
          .refused, "cannot undo \(migration.name): it has no way down",
          hint: "write one, or put a backup back with `belay rollback`", state: untouched)
      }
      found.files.append(try down.get())
    }
    return found
  }

  private func versionsToUndo() throws(BelayError) -> [String] {
    let order = tool.undoOrder(content, state)
    if let count = request.down {
      guard count <= order.count else {
        throw BelayError(
          .refused, "cannot undo so many migrations (\(count)): the number of those that are applied is \(order.count)",
          hint: "`--down-to 0` undoes all of them", state: untouched)
      }
      return Array(order.prefix(count))
    }
    let typed = request.downTo ?? ""
    guard NumberedVersions.number(typed) != "0" else { return order }
    let last = try migration(called: typed, option: "--down-to")
    guard tool.isApplied(last, state) else {
      throw BelayError(
        .refused, "cannot go down to \(last.name): it is not applied", hint: "see what is applied with `belay status`",
        state: untouched)
    }
    return Array(order.prefix { tool.undoes($0, after: last.version, in: content) })
  }

  // MARK: Names

  private func migration(called typed: String, option: String) throws(BelayError) -> ToolMigration {
    let found = content.migrations.first { migration in
      let name = migration.name
      return name == typed || tool.isCalled(migration, typed)
        || name.lastIndex(of: ".").map { name[..<$0] == typed } == true
        || migration.version == typed
        || (Int(typed) != nil && (Int(typed) == Int(migration.version) || isNumber(typed, of: migration)))
    }
    if let found { return found }
    throw BelayError(
      .notFound, "there is no migration \(typed) in \(folder)",
      hint: NearestName.to(typed, among: content.migrations.map(\.name)).map { "did you mean \($0)?" }
        ?? "\(option) takes a file's name, with or without its ending, or its version", state: untouched)
  }

  /// `20260131120000` is the number of 20260131120000_posts/migration.sql.
  private func isNumber(_ typed: String, of migration: ToolMigration) -> Bool {
    MigrationFile.version(of: migration.name).flatMap { Int($0) } == Int(typed)
  }

  // MARK: Refusals

  private var untouched: String { "the database is untouched" }

  private func refuseTwins() throws(BelayError) {
    var names: [String: String] = [:]
    for migration in content.migrations where !migration.version.isEmpty {
      guard let twin = names.updateValue(migration.name, forKey: tool.key(of: migration.version)) else { continue }
      throw BelayError(
        .refused, "\(twin) and \(migration.name) both have the version \(migration.version)",
        hint: "give the one that is not applied another version", state: untouched)
    }
  }

  /// The ledger has a version that is not in the folder: often the folder is of another branch.
  private func refuseMissing() throws(BelayError) {
    let missing = missingRows.filter { isRefused(missing: $0) }
    guard let first = missing.first else { return }
    if let words = tool.words(ofMissing: first) {
      throw BelayError(.refused, words.message, hint: words.hint, state: untouched)
    }
    let known = content.migrations.first { !$0.checksums.isDisjoint(with: [first.checksum]) }
    if let known, !first.checksum.isEmpty {
      throw BelayError(
        .refused, "the migration \(known.name) has already been applied, as version \(first.version)",
        hint: "rename the file back", state: untouched)
    }
    throw BelayError(
      .refused, "\(tool.tool.name)'s ledger \(table) has version \(first.version), which is not in \(folder)",
      hint: "is this the right branch? get the file back, or correct the ledger with \(tool.tool.name)",
      state: untouched, causes: missing.dropFirst().map { "nor is version \($0.version)" })
  }

  /// What is applied of files that the folder has not.
  var missingRows: [LedgerState.Row] {
    let present = Set(content.migrations.map { tool.key(of: $0.version) })
    return state.applied.filter { $0.isFile && !present.contains(tool.key(of: $0.version)) }
  }

  private func isRefused(missing row: LedgerState.Row) -> Bool {
    switch tool.missing {
    case .ignores: return false
    case .refuses: return true
    case .refusesOlder:
      if let baseline = state.baseline, !tool.precedes(baseline, row.version) { return false }
      let newest = content.migrations.last { !$0.version.isEmpty }?.version
      return newest.map { tool.precedes(row.version, $0) } ?? false
    }
  }

  private func refuseChanged() throws(BelayError) {
    for migration in content.migrations {
      if let flaw = flaw(ofApplied: migration) { throw flaw }
    }
  }

  /// What is wrong with the file of a migration that is applied; nil: nothing, or it is not applied.
  func flaw(ofApplied migration: ToolMigration) -> BelayError? {
    guard !migration.version.isEmpty, tool.isApplied(migration, state) else { return nil }
    if let row = tool.row(of: migration, state), row.isFile {
      if let mismatch = tool.mismatch(migration, row) {
        return BelayError(
          .refused, "the migration \(migration.name) \(mismatch)", hint: "rename the file back", state: untouched)
      }
      if !row.checksum.isEmpty, !migration.checksums.isEmpty {
        return migration.checksums.contains(row.checksum)
          ? nil : changed(migration.name, "by \(tool.tool.name)'s ledger")
      }
    }
    guard case .success(let file) = migration.up,
      let receipt = receipts.last(where: { $0.name == migration.name }), receipt.sha256 != file.sha256
    else { return nil }
    return changed(migration.name, AppliedMigration(receipt).words)
  }

  private func changed(_ name: String, _ when: String) -> BelayError {
    BelayError(
      .refused, "the migration \(name) was changed after it was applied (\(when))",
      hint: "restore the old text and make the change in a new file", state: untouched)
  }

  /// belay has applied its text under a name that is not there any more.
  private func refuseRenamed(_ pending: [ToolMigration]) throws(BelayError) {
    let names = Set(content.migrations.map(\.name))
    for migration in pending {
      guard case .success(let file) = migration.up,
        let row = receipts.first(where: { $0.sha256 == file.sha256 && !names.contains($0.name) }),
        let version = MigrationFile.version(of: row.name),
        state.applied.contains(where: { tool.isSame($0.version, version) })
      else { continue }
      throw BelayError(
        .refused,
        "the migration \(migration.name) has already been applied, as \(row.name) (\(AppliedMigration(row).words))",
        hint: "rename the file back to \(row.name)", state: untouched)
    }
  }

  private func notEmpty(_ object: String) -> BelayError {
    BelayError(
      .refused,
      "the database has tables such as \(object), but no ledger \(table): \(tool.tool.name) does not begin there",
      hint:
        "if it is already at some version, `belay adopt --baseline VERSION` shows that it is, and writes the ledger; so does "
        + "`\(tool.baselineCommand)`, without showing it; set `ledger:` in belay.yaml if the ledger has another name",
      state: untouched)
  }

  /// The tool's ledger is not there, but belay has applied files of these names: by other rules, or the ledger is lost.
  private func refuseLostLedger(_ pending: [ToolMigration]) throws(BelayError) {
    guard state.isLost,
      let row = receipts.first(where: { row in pending.contains { $0.name == row.name } })
    else { return }
    throw BelayError(
      .refused,
      "belay has applied \(row.name) (\(AppliedMigration(row).words)), but \(tool.tool.name)'s ledger \(table) is not there",
      hint:
        "if it was applied as a plain file, go on with `--convention plain`; if the ledger is lost, write it anew with "
        + "`belay adopt --baseline VERSION`",
      state: untouched)
  }
}

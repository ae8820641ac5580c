import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import Foundation
import SystemPackage

/// Sqitch in PostgreSQL: `sqitch.plan`, a script for each way of each change, and a registry of five tables in a schema of its
/// own. In SQLite the registry is another file, which no transaction of belay's reaches.
///
/// After its sources, version 1.3: `App/Sqitch/Role/DBIEngine.pm`, `App/Sqitch/Engine/pg.pm`, `App/Sqitch/Engine.pm`.
package struct SqitchTool: AdoptedTool {
  package init() {}

  package let convention = ConventionName.sqitch
  package let tool = MigrationTool.sqitch
  package let defaultTable = "changes"
  package let columns = [
    "change_id", "script_hash", "change", "project", "committed_at", "committer_name", "committer_email",
  ]
  package let orderColumn = "committed_at"
  package let missing = MissingRule.refuses
  package let readsTransactions = true
  package let engines: Set<LedgerEngine> = [.postgresql]
  package let makesLedger = false

  /// Of the registry, as far as it is written.
  package let tables = ["changes", "dependencies", "events", "projects", "tags"]

  package func schema(_ engine: LedgerEngine) -> String? { "sqitch" }

  package func reason(_ folder: ToolFolder, ledger: CatalogTable?) throws(BelayError) -> String? {
    folder.listing.files.contains(SqitchPlan.path) ? "it contains \(SqitchPlan.path)" : nil
  }

  // MARK: The folder

  package func read(_ folder: ToolFolder) throws(BelayError) -> ToolContent {
    try refuseSettings(folder)
    let plan = try SqitchPlan(try folder.file(SqitchPlan.path).sql)
    var content = ToolContent()
    content.scope = plan.project
    content.obstacleAtFirst = BelayError(
      .refused, "the database has no registry of Sqitch's",
      hint: "let Sqitch make it, with the first change: `belay guard TARGET -- sqitch deploy --to CHANGE`",
      state: "the database is untouched")
    func exists(_ path: String) -> Bool {
      FileManager.default.fileExists(atPath: folder.path.pushing(FilePath(path)).string)
    }
    for (index, change) in plan.changes.enumerated() {
      let name = plan.script(of: index, in: "deploy", exists: exists)
      guard exists(name) else {
        throw BelayError.toolsFile(
          change.name, tool, "is in \(SqitchPlan.path), and there is no \(name)",
          hint: "get it back from version control")
      }
      let file = try folder.file(name)
      let checksums = FileChecksums(file.bytes, by: SqitchPlan.sha1)
      var entry = LedgerEntry(.up, version: change.id, description: change.name, checksum: checksums.own)
      entry.details = details(change, plan)
      var migration = ToolMigration(
        version: change.id, name: name, up: .success(file.known(as: entry)), checksums: checksums.all)
      if let flaw = change.flaw {
        migration.up = .failure(
          .toolsFile(name, tool, flaw, hint: "\(tool.advice), as far as `--to \(change.name)`"))
      }
      let back = plan.script(of: index, in: "revert", exists: exists)
      if exists(back) {
        var entry = entry
        entry.way = .down
        migration.down = .success(try folder.file(back).known(as: entry))
      }
      content.migrations.append(migration)
    }
    return content
  }

  /// Of `sqitch.conf` those that say where things are.
  private func refuseSettings(_ folder: ToolFolder) throws(BelayError) {
    guard folder.listing.files.contains("sqitch.conf") else { return }
    let keys =
      /(?m)^[ \t]*(top_dir|plan_file|deploy_dir|revert_dir|extension|registry|reworked_dir)[ \t]*=[ \t]*(.*?)[ \t]*$/
    let usual = ["top_dir": ".", "plan_file": SqitchPlan.path, "extension": "sql", "registry": "sqitch"]
    for match in try folder.file("sqitch.conf").sql.matches(of: keys) where usual[String(match.1)] != String(match.2) {
      throw BelayError(
        .refused, "sqitch.conf has the setting `\(match.1) = \(match.2)`, which belay does not follow",
        hint: tool.advice, state: "the database is untouched")
    }
  }

  private func details(_ change: SqitchPlan.Change, _ plan: SqitchPlan) -> [String: String] {
    var details = line(change.line)
    details["project"] = plan.project
    details["uri"] = plan.uri
    details["requires"] = change.requires.map(\.text).joined(separator: "\n")
    details["required ids"] = change.requires.map(\.id).joined(separator: "\n")
    details["tags"] = change.tags.map(\.name).joined(separator: "\n")
    for tag in change.tags {
      for (key, value) in line(tag.line) { details["\(tag.name) \(key)"] = value }
      details["\(tag.name) id"] = tag.id
    }
    return details
  }

  private func line(_ line: SqitchPlan.Line) -> [String: String] {
    ["planned_at": line.moment, "planner_name": line.planner, "planner_email": line.email, "note": line.note]
  }

  package func draft(
    _ title: MigrationTitle, in folder: ToolFolder, now: Date
  ) throws(BelayError) -> [DraftedFile] {
    throw BelayError(
      .refused, "belay does not add changes to \(SqitchPlan.path), in which your name stands",
      hint: "add it with `sqitch add \(title.text) -n NOTE`", state: "nothing was written")
  }

  package func wayDown(of name: String) -> WayDownForm { .file("revert/" + name.dropFirst("deploy/".count)) }

  /// Sqitch hands scripts to psql, which commits each statement by itself.
  package func framed(_ wayDown: String) -> String { "BEGIN;\n\n\(wayDown)\nCOMMIT;\n" }

  // MARK: The ledger

  package func isOf(_ content: ToolContent, _ row: LedgerRow) -> Bool { row.text("project") == content.scope }

  package func isCalled(_ migration: ToolMigration, _ typed: String) -> Bool {
    migration.name == "deploy/\(typed).sql" || (typed.count >= 7 && migration.version.hasPrefix(typed))
  }

  package func words(ofMissing row: LedgerState.Row) -> (message: String, hint: String)? {
    (
      "the change \(row.description) is deployed as \(row.version.prefix(10)), and no line of \(SqitchPlan.path) gives "
        + "that id: the line, or one before it, was changed since, or is gone",
      "is this the right branch? get the plan back from version control"
    )
  }

  package func key(of version: String) -> String { version }

  /// An id tells no order. Since each is made of the one before it, what is deployed is the plan's beginning.
  package func precedes(_ a: String, _ b: String) -> Bool { false }

  package func undoOrder(_ content: ToolContent, _ state: LedgerState) -> [String] {
    content.migrations.filter { isApplied($0, state) }.reversed().map(\.version)
  }

  package func undoes(_ version: String, after last: String, in content: ToolContent) -> Bool {
    let versions = content.migrations.map(\.version)
    guard let place = versions.firstIndex(of: version), let end = versions.firstIndex(of: last) else { return false }
    return place > end
  }

  package func state(of rows: [LedgerRow], in table: LedgerTable) throws(BelayError) -> LedgerState {
    var state = LedgerState()
    state.applied = rows.map { row in
      LedgerState.Row(
        version: row.text("change_id"), description: row.text("change"), checksum: row.text("script_hash"),
        appliedAt: row.text("committed_at"), by: row.text("committer_name"))
    }
    return state
  }

  package func lockKey(_ table: LedgerTable, database: String) -> Int64? { 75_474_063 }

  package func creation(of table: LedgerTable) -> [String] { [] }

  package func recording(_ entry: LedgerEntry, milliseconds: Int, in table: LedgerTable) -> [String] {
    let details = entry.details
    func text(_ key: String) -> String { (details[key] ?? "").sqlLiteral }
    func list(_ key: String) -> [String] { (details[key] ?? "").split(separator: "\n").map(String.init) }
    func array(_ key: String) -> String {
      "ARRAY[\(list(key).map(\.sqlLiteral).joined(separator: ", "))]::text[]"
    }
    func planned(_ prefix: String = "") -> String {
      "\(text(prefix + "planned_at"))::timestamptz, \(text(prefix + "planner_name")), \(text(prefix + "planner_email"))"
    }
    let id = entry.version.sqlLiteral
    let project = text("project")
    let plannedColumns = "planned_at, planner_name, planner_email"
    let event =
      "INSERT INTO \(table.quotedBeside("events")) (event, change_id, change, project, note, tags, requires, "
      + "committer_name, committer_email, \(plannedColumns)) VALUES ('\(entry.way == .up ? "deploy" : "revert")', \(id), "
      + "\(entry.description.sqlLiteral), \(project), \(text("note")), \(array("tags")), \(array("requires")), "
      + "\(Self.committer), \(planned()))"
    guard entry.way == .up else {
      return ["tags", "dependencies", "changes"].map {
        "DELETE FROM \(table.quotedBeside($0)) WHERE change_id = \(id)"
      } + [event]
    }
    var statements = [
      "INSERT INTO \(table.quotedBeside("projects")) (project, uri, creator_name, creator_email) VALUES (\(project), "
        + "\(details["uri"].map(\.sqlLiteral) ?? "NULL"), \(Self.committer)) ON CONFLICT (project) DO NOTHING",
      "INSERT INTO \(table.quoted) (change_id, script_hash, change, project, note, committer_name, committer_email, "
        + "\(plannedColumns)) VALUES (\(id), \(entry.checksum.sqlLiteral), \(entry.description.sqlLiteral), \(project), "
        + "\(text("note")), \(Self.committer), \(planned()))",
    ]
    for (required, requiredID) in zip(list("requires"), list("required ids")) {
      statements.append(
        "INSERT INTO \(table.quotedBeside("dependencies")) (change_id, type, dependency, dependency_id) VALUES "
          + "(\(id), 'require', \(required.sqlLiteral), \(requiredID.sqlLiteral))")
    }
    for tag in list("tags") {
      statements.append(
        "INSERT INTO \(table.quotedBeside("tags")) (tag_id, tag, project, change_id, note, committer_name, "
          + "committer_email, \(plannedColumns)) VALUES (\(text("\(tag) id")), \(tag.sqlLiteral), \(project), \(id), "
          + "\(text("\(tag) note")), \(Self.committer), \(planned("\(tag) ")))")
    }
    return statements + [event]
  }

  private static let committer = "'belay', 'belay@localhost'"
}

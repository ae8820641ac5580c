import ArgumentParser
import BelayBase
import BelayCore
import BelayText
import Foundation

struct StatusCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "status",
    abstract: "Show how backups stand; with a target, also which of its migrations are applied and which are pending.",
    discussion: """
      Without a target, and with --max-age, --max-proof-age or --markdown: shows open runs, previous databases that are \
      kept, and each target's last backup with its age and proof. Reads the store alone, and connects to no database. \
      Exits with 11 if a run was interrupted and needs `belay recover`, else with 3 if there is no backup, a target in \
      belay.yaml has none, its last backup or verification has failed, or its last backup or proof is older than \
      --max-age or --max-proof-age allows.

      With a target: shows the same of this target, then connects to the database and lists the migrations. Writes \
      nothing. Exits with 3 as above, else with 0 whatever is pending; with --exit-code, also with 3 if a migration is \
      pending, or if `belay migrate` would not begin.

      Example:
        belay status shop --max-age 26h --max-proof-age 31d
        belay status shop --exit-code
      """)

  @Argument(help: "Only this target: its name in belay.yaml, or its URL. Default: all.", completion: .target)
  var target: String?
  @Option(name: .long, help: ArgumentHelp("Exit with 3 if a last backup is older, such as 26h.", valueName: "age"))
  var maxAge: String?
  @Option(
    name: .long,
    help: ArgumentHelp("Exit with 3 if the last proof by restoring is older, such as 31d.", valueName: "age"))
  var maxProofAge: String?
  @Flag(name: .long, help: "Print the targets as a table in Markdown.") var markdown = false
  @Flag(name: .long, help: "With a target: exit with 3 if a migration is pending.") var exitCode = false
  @OptionGroup var folder: FolderOptions
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    _ = try maxAge.map { try ArchiveFilter.seconds($0, "--max-age") }
    _ = try maxProofAge.map { try ArchiveFilter.seconds($0, "--max-proof-age") }
    if asksForMigrations, target == nil {
      throw ValidationError("--exit-code, --dir and --convention are about a target's migrations: name the target")
    }
    if asksForMigrations, isOfBackupsAlone {
      throw ValidationError(
        "--max-age, --max-proof-age and --markdown are about backups alone, --exit-code, --dir and --convention about migrations"
      )
    }
  }

  private var isOfBackupsAlone: Bool { markdown || maxAge != nil || maxProofAge != nil }

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let configuration = try session.configuration()
    let settings = session.settings(configuration)
    let shelf = StoreShelf(settings)
    let runs = try shelf.openRuns().filter { isMeant($0.target) }
    if !markdown {
      for run in runs { session.renderer.show(run, as: Self.lines(run)) }
      for previous in try shelf.previousDatabases() where isMeant(previous.target) {
        session.renderer.show(previous, as: [Self.line(previous)])
      }
    }
    let limits = TargetStatus.Limits(
      age: maxAge.flatMap(DurationText.seconds), proofAge: maxProofAge.flatMap(DurationText.seconds))
    let all = try TargetStatus.all(
      shelf, named: configuration.targets.map(\.name), retention: settings.retention, limits: limits, now: Date())
    let targets = all.filter { status in
      target.map { status.target == $0 || status.last?.isOf($0) == true || status.url == redact(url: $0) } ?? true
    }
    let listsMigrations = target != nil && !isOfBackupsAlone
    if let target, targets.isEmpty, !listsMigrations {
      throw BelayError(
        .notFound, "there is no backup of \(target) in \(settings.store)",
        hint: "`belay list` shows the archives; `belay backup` makes one")
    }
    show(targets, in: settings.store, session)
    if targets.isEmpty {
      session.renderer.show(
        NoArchive(store: settings.store, target: target.map { redact(url: $0) }),
        as: ["there is no backup \(target.map { "of \(redact(url: $0)) " } ?? "")in \(settings.store)"])
    }
    if let cutOff = runs.first(where: { !$0.isAlive }) {
      throw BelayError(.locked, "run \(cutOff.id) was interrupted", hint: "run `belay recover`")
    }
    let isWell = !targets.isEmpty && targets.allSatisfy(\.problems.isEmpty)
    if listsMigrations, let chosen = try database(session, configuration, isKnown: !targets.isEmpty) {
      var request = StatusRequest()
      request.warnsOfPending = exitCode
      request.lacksBackup = !isWell
      var settings = settings
      folder.apply(to: &settings.migrations, in: session)
      return try session.run(.status(request), target: chosen, settings: settings)
    }
    let newest = targets.compactMap(\.last).max { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }
    return session.end(
      RunResult(
        isWell ? .done : .doneWithWarnings, runs.isEmpty ? "no open run" : "\(runs.count) running",
        archive: newest?.id))
  }

  private var asksForMigrations: Bool { exitCode || folder.dir != nil || folder.convention != nil }

  /// nil: the store has archives of such a target, and belay.yaml does not say any more where its database is.
  private func database(
    _ session: Session, _ configuration: BelayBase.Configuration, isKnown: Bool
  ) throws(BelayError) -> Target? {
    do throws(BelayError) {
      return try session.resolver(configuration).target(target)
    } catch {
      guard isKnown, !asksForMigrations else { throw error }
      return nil
    }
  }

  private func isMeant(_ name: String) -> Bool {
    target == nil || name == target || name == target.map { redact(url: $0) }
  }

  private func show(_ targets: [TargetStatus], in store: String, _ session: Session) {
    guard !markdown else {
      let lines = TargetStatus.markdown(targets)
      // The heading belongs to the first row.
      for (index, status) in targets.enumerated() {
        session.renderer.show(status, as: index == 0 ? Array(lines.prefix(3)) : [lines[index + 2]])
      }
      return
    }
    for status in targets {
      if status.last == nil {
        session.renderer.show(
          NoArchive(store: store, target: status.target), as: [])
      }
      if let last = status.last { session.renderer.show(last, as: []) }
      session.renderer.show(status, as: status.lines)
    }
  }

  private static func lines(_ run: OpenRunSummary) -> [String] {
    ["\(run.isAlive ? "running    " : "interrupted")  \(run.id)  \(run.kind) of \(run.target)"]
      + (run.damage.map { ["             \($0)"] } ?? [])
  }

  private static func line(_ previous: PreviousDatabaseSummary) -> String {
    previous.isCopy
      ? "leftover     \(previous.url)  a copy of \(previous.target): `belay recover` drops it"
      : "kept         \(previous.url)  previous content of \(previous.target), until \(previous.until)"
  }

  /// `--json`: the record that there is no backup at all.
  private struct NoArchive: Encodable {
    var event = "no_archive"
    var store: String
    /// nil: of no target at all.
    var target: String?
  }
}

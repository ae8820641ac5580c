import ArgumentParser
import BelayBase
import BelayCore

extension FailurePolicy: ExpressibleByArgument {}
extension ConventionName: ExpressibleByArgument {}

struct MigrateCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "migrate",
    abstract: "Apply the pending migrations; roll everything back if anything goes wrong.",
    discussion: """
      Backs up the database, verifies the backup by restoring it, rehearses the migrations on the restored copy, asks for \
      confirmation, applies the migrations, checks the result, and commits or rolls back. --plan stops before the question \
      and changes nothing.

      Exits with 30 if a migration failed, and with 31 if a check or the contract failed. In both cases the database is as it \
      was before.

      Example:
        belay migrate shop --plan
        belay migrate shop --to 20261120_remove_legacy_posts
        belay migrate shop --down 1
      """)

  @Argument(
    help:
      "A URL (such as sqlite:shop.db) or a name in belay.yaml, then migration files. Without a target: the only one in belay.yaml.",
    completion: .targetAndFiles
  )
  var targetAndFiles: [String] = []
  @OptionGroup var folder: FolderOptions
  @Option(name: .long, help: ArgumentHelp("The last migration to apply: its number or name.", valueName: "version"))
  var to: String?
  @Option(
    name: .long, help: ArgumentHelp("Undo the last applied migrations instead, as many as this.", valueName: "number"))
  var down: Int?
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Undo what was applied after this migration instead; 0 undoes everything that can be.", valueName: "version"))
  var downTo: String?
  @Flag(name: .long, help: "Show what would happen. Changes nothing.") var plan = false
  @Flag(name: .long, help: "Do not rehearse on a copy first.") var noRehearse = false
  @Flag(name: .long, help: "Also apply migrations that sort before the newest applied one.") var outOfOrder = false
  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp("A table that may lose rows. Can be repeated.", valueName: "table"), completion: .table)
  var allowLoss: [String] = []
  @Flag(name: .long, help: "End other sessions right before the migrations are applied.") var terminate = false
  @OptionGroup var backups: ChangeBackupOptions
  @OptionGroup var encryption: ChangeKeyOptions
  @Option(
    name: .long,
    help: ArgumentHelp(
      "If a later transaction fails: back puts everything back, stop keeps what was committed before. Default: ask; back "
        + "where nobody can be asked.", valueName: "policy"))
  var onFailure: FailurePolicy?
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Roll a transaction back that holds locks for longer than this, such as 2s, and do not begin if the rehearsal takes "
        + "longer.", valueName: "time"))
  var maxLock: String?
  @OptionGroup var global: GlobalOptions

  private static func seconds(_ text: String) throws(BelayError) -> Int {
    guard let seconds = DurationText.seconds(text) else {
      throw BelayError(
        .usage, "--max-lock \(text) is no time", hint: "write 2s or 1m; 0 means no limit", state: "nothing was changed")
    }
    return seconds
  }

  func validate() throws {
    if let down, down < 1 { throw ValidationError("--down takes a number from 1") }
    let directions = [to != nil, down != nil, downTo != nil].count { $0 }
    if directions > 1 { throw ValidationError("--to, --down and --down-to exclude each other") }
  }

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let configuration = try session.configuration()
    let (typed, files) = Self.split(targetAndFiles, targets: configuration.targets.map(\.name))
    let chosen = try session.resolver(configuration).target(typed)
    var settings = encryption.settings(configuration, in: session)
    folder.apply(to: &settings.migrations, in: session)
    if let onFailure { settings.migrations.onFailure = onFailure }
    if let maxLock { settings.migrations.mostLockSeconds = try Self.seconds(maxLock) }
    var request = MigrateRequest()
    request.to = to
    request.down = down
    request.downTo = downTo
    request.plan = plan
    request.rehearse = !noRehearse
    request.outOfOrder = outOfOrder
    request.allowLoss = allowLoss
    request.terminate = terminate
    request.backup = backups.backup
    request.trust = backups.trust
    request.files = files
    request.folder = session.currentFolder
    if backups.backupAfter { settings.migrations.backsUpAfter = true }
    return try session.change(.migrate(request), target: chosen, settings: settings)
  }

  /// What is typed is a target and then files. A file alone ends in `.sql` and is neither a URL nor a target's name.
  static func split(_ typed: [String], targets: [String]) -> (target: String?, files: [String]) {
    guard let first = typed.first else { return (nil, []) }
    let isFile = first.hasSuffix(".sql") && !BelayBase.Configuration.isURL(first) && !targets.contains(first)
    return isFile ? (nil, typed) : (first, Array(typed.dropFirst()))
  }
}

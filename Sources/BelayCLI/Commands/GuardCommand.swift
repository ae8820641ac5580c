import ArgumentParser
import BelayBase
import BelayCore
import Foundation
import Glibc

struct GuardCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "guard",
    abstract: "Run a migration tool, or any other command, and roll back if it breaks anything.",
    discussion: """
      Backs up the database, verifies the backup by restoring it, runs the command on the restored copy, asks for \
      confirmation, runs the command on the database, and judges what it did by the database before and after. The command \
      gets the database's URL in the variable DATABASE_URL.

      Rows, tables, columns and other objects that are gone, and rows with other values, must be declared with \
      --allow-loss and --allow-change, or be agreed to at the terminal. What the command adds need not be declared.

      Exits with 30 if the command failed, and with 31 if what it did was not accepted. In both cases the database is as it \
      was before.

      Example:
        belay guard shop -- alembic upgrade head
        belay guard shop --allow-loss legacy_posts -- python manage.py migrate
        belay guard shop -- sh -c 'psql "$DATABASE_URL" -f cleanup.sql'
      """)

  @OptionGroup var target: TargetArgument
  @Argument(parsing: .postTerminator, help: "After --: the command and its arguments.") var command: [String] = []
  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp(
      "A variable of the command that holds the database's URL. Default: \(GuardRequest.usualVariable). Can be repeated.",
      valueName: "name"))
  var urlEnv: [String] = []
  @Option(
    name: .long,
    help: ArgumentHelp(
      "A file that holds the URL while the command runs. Only you can read it, and it is removed afterwards.",
      valueName: "file"))
  var urlFile: String?
  @Flag(name: .long, help: "Show what would happen. Changes nothing, and does not run the command.") var plan = false
  @Flag(name: .long, help: "Do not run the command on a copy first.") var noRehearse = false
  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp(
      "A table that may lose rows, columns and everything else, or another object that may go. Can be repeated.",
      valueName: "name"), completion: .table)
  var allowLoss: [String] = []
  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp("A table whose rows may get other values. Can be repeated.", valueName: "table"),
    completion: .table)
  var allowChange: [String] = []
  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp("A number of rows to expect, as 'rows(orders) = before'. Can be repeated.", valueName: "rule"))
  var expect: [String] = []
  @Flag(name: .long, help: "End other sessions right before the command runs on the database.") var terminate = false
  @Option(
    name: .long,
    help: ArgumentHelp(
      "How long the command may go on after Ctrl+C before it is ended. Default: 10s.", valueName: "time"))
  var grace: String?
  @OptionGroup var backups: ChangeBackupOptions
  @OptionGroup var encryption: ChangeKeyOptions
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    guard !command.isEmpty else {
      throw ValidationError("no command: write it after --, as in `belay guard shop -- alembic upgrade head`")
    }
    for name in urlEnv {
      guard Self.isVariable(name) else { throw ValidationError("`\(name)` is not the name of a variable") }
    }
  }

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let configuration = try session.configuration()
    let chosen = try session.resolver(configuration).target(target.target)
    var request = GuardRequest(command: command, folder: session.currentFolder)
    configuration.guardDefinition(of: command)?.apply(to: &request)
    if !urlEnv.isEmpty || urlFile != nil {
      request.urlVariables = urlEnv
      request.urlFile = urlFile.map { Configuration.absolute($0, from: session.currentFolder) }
    }
    if request.urlVariables.isEmpty, request.urlFile == nil, !request.hasURLArgument {
      request.urlVariables = [GuardRequest.usualVariable]
    }
    request.plan = plan
    if noRehearse { request.rehearse = false }
    request.allowLoss += allowLoss
    request.allowChange += allowChange
    request.expectations += expect
    request.terminate = terminate
    request.backup = backups.backup
    request.trust = backups.trust
    if let grace { request.graceSeconds = try Self.seconds(grace) }
    request.group = getpgrp()
    request.input = Worker.input
    // With --json stdout is the stream of events.
    request.output = session.options.json ? STDERR_FILENO : Worker.output
    let file = request.urlFile.flatMap { FileManager.default.fileExists(atPath: $0) ? nil : $0 }
    // The worker removes it, unless it was killed.
    defer { if let file { unlink(file) } }
    var settings = encryption.settings(configuration, in: session)
    if backups.backupAfter { settings.migrations.backsUpAfter = true }
    return try session.change(.guarded(request), target: chosen, settings: settings, passesStreams: true)
  }

  private static func seconds(_ text: String) throws(BelayError) -> Int {
    guard let seconds = DurationText.seconds(text) else {
      throw BelayError(.usage, "--grace \(text) is no time", hint: "write 10s or 1m", state: "nothing was changed")
    }
    return seconds
  }

  private static func isVariable(_ name: String) -> Bool {
    guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
    return name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
  }
}

import ArgumentParser
import BelayBase
import BelayCore

extension ExtractRequest.Form: ExpressibleByArgument {}

struct ExtractCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "extract",
    abstract: "Write tables of an archive to stdout, or to files.",
    discussion: """
      Without --where, no database and no driver is needed. With --where, the table is loaded into a scratch database, \
      which the archive's own target, or --target, must support. stdout is used for the data, so --json prints the events on \
      stderr.

      Example:
        belay extract latest --table customers --as csv > customers.csv
        belay extract latest --table orders --where "total > 100" --as json
        belay extract latest --table customers --table orders --as sql > both.sql
        belay extract latest --table customers --table orders --output tables
      """)

  @Argument(
    help:
      "The archive's id, a unique beginning of it, `latest` or `oldest` (`latest:TARGET` if the store has several targets).",
    completion: .archive
  ) var id: String
  @Option(
    name: .long, parsing: .singleValue, help: "The table: [SCHEMA.]TABLE. Can be repeated with --as sql or --output.",
    completion: .table)
  var table: [String]
  @Option(
    name: .customLong("where"), help: ArgumentHelp("Only rows that satisfy this SQL condition.", valueName: "sql"))
  var filter: String?
  @Option(name: .customLong("as"), help: "csv, json or sql.") var form: ExtractRequest.Form = .csv
  @Option(
    name: .long,
    help: ArgumentHelp("Write a file for each table into this folder, instead of to stdout.", valueName: "folder"),
    completion: .directory)
  var output: String?
  @Option(
    name: .long,
    help: "With --where: the target that provides the scratch database. Default: the archive's own target.",
    completion: .target)
  var target: String?
  @Flag(
    name: .long,
    help:
      "With --where: load an archive that this store has not made. What it contains runs with your rights on the server."
  )
  var trust = false
  @OptionGroup var keys: KeyOptions
  @OptionGroup var repository: RepositoryOption
  @OptionGroup var global: GlobalOptions

  var writesData: Bool { true }

  /// Each once, in the order in which they were typed.
  private var tables: [String] {
    table.reduce(into: []) { tables, name in if !tables.contains(name) { tables.append(name) } }
  }

  func validate() throws {
    let table = tables
    guard table.count > 1 else { return }
    if filter != nil { throw ValidationError("--where needs one --table, and \(table.count) are given") }
    if form != .sql, output == nil {
      throw ValidationError("several tables cannot be one \(form.rawValue) text: add --as sql, or --output FOLDER")
    }
  }

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let configuration = try session.configuration()
    var settings = try session.settings(configuration, repository)
    keys.apply(to: &settings, in: session)
    let id = session.archive(id)
    var request = ExtractRequest(id: id, tables: tables, filter: filter, form: form)
    request.folder = output.map { Configuration.absolute($0, from: session.currentFolder) }
    request.trust = trust
    let work = Job.Work.extract(request)
    guard filter != nil else { return session.runHere(work, settings: settings) }
    let chosen = try session.target(target, ofArchive: id, in: configuration, settings)
    return try session.run(
      work, target: chosen, settings: settings, dataOnStandardOutput: true)
  }
}

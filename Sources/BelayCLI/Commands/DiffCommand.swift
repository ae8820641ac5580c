import ArgumentParser
import BelayBase
import BelayCore
import BelayText

struct DiffCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "diff",
    abstract: "Compare an archive with a database, or with another archive. Changes nothing.",
    discussion: """
      Without --data: which objects of the schema and which tables differ. With --data: how many rows only one side has, and \
      how many have other values; rows are matched by the primary key, or by their whole content if the table has none. \
      --as writes the rows that only ID contains to stdout, so that they can be inserted again.

      Exits with 0 if nothing differs, and with 3 if something does; with --as, with 0.

      Example:
        belay diff latest
        belay diff latest shop --data --table orders --rows 20
        belay diff 20261120T143022Z-shop-before-swap shop --table orders --as sql
      """)

  @Argument(
    help:
      "The archive's id, a unique beginning of it, `latest` or `oldest` (`latest:TARGET` if the store has several targets).",
    completion: .archive
  ) var id: String
  @Argument(
    help: ArgumentHelp(
      "What to compare it with: a URL, a name in belay.yaml, or another archive. Default: the archive's own target.",
      valueName: "other"), completion: .archiveOrTarget)
  var other: String?
  @Flag(name: .long, help: "Compare row by row.") var data = false
  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp(
      "Only the rows of this table: [SCHEMA.]TABLE. Can be repeated. Implies --data.", valueName: "table"),
    completion: .table)
  var table: [String] = []
  @Option(name: .long, help: "Show so many differing rows of each table. Implies --data.") var rows: Int?
  @Option(
    name: .customLong("as"),
    help: "Write the rows that only ID contains to stdout: csv, json or sql. Implies --data.")
  var form: ExtractRequest.Form?
  @OptionGroup var keys: KeyOptions
  @OptionGroup var global: GlobalOptions

  var writesData: Bool { form != nil }

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    if let rows, rows < 0 {
      throw BelayError(.usage, "--rows \(rows) is not a number of rows", hint: "give 0 or more")
    }
    if let form, form != .sql, table.count != 1 {
      throw BelayError(
        .usage, "--as \(form.rawValue) writes one table, but \(table.count) are named",
        hint: "name it with --table, or use --as sql")
    }
    if form != nil, rows != nil {
      throw BelayError(.usage, "--rows and --as cannot be combined", hint: "--as writes all rows")
    }
    let configuration = try session.configuration()
    let settings = keys.settings(configuration, in: session)
    let id = session.archive(id)
    if let other, isArchive(other, configuration) {
      let work = Job.Work.diff(request(id, with: session.archive(other), named: other))
      return session.runHere(work, settings: settings)
    }
    let target = try session.target(other, ofArchive: id, in: configuration)
    let work = Job.Work.diff(request(id, with: nil, named: target.name ?? redact(url: target.url)))
    return try session.run(work, target: target, settings: settings, dataOnStandardOutput: form != nil)
  }

  /// A target's name wins over the beginning of an archive's id.
  private func isArchive(_ typed: String, _ configuration: Configuration) -> Bool {
    if configuration.targets.contains(where: { $0.name == typed }) { return false }
    return StoreShelf.namesByAge(typed) || !Configuration.isURL(typed)
  }

  private func request(_ id: String, with other: String?, named name: String) -> DiffRequest {
    var request = DiffRequest(id: id, other: other, otherName: name)
    request.tables = table
    request.rows = rows ?? 0
    request.form = form
    request.data = data || rows != nil || form != nil || !table.isEmpty
    return request
  }
}

import ArgumentParser
import BelayBase
import BelayCore

struct JournalCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "journal", abstract: "Repair the list that a migration tool keeps of its files.",
    subcommands: [JournalDrizzleCommand.self])
}

struct JournalDrizzleCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "drizzle",
    abstract: "Write or repair meta/_journal.json of a folder of Drizzle 0.x, and the hashes that its ledger lacks.",
    discussion: """
      Lists every file of the folder. The moment of a file that has run is the one in the ledger, found by the hash of the \
      file; of one that has not, the journal's, or the time now where Drizzle would pass it over. Rows of the ledger \
      without a hash get that of their file: that is a change to the database, with a backup and a question. Where a row \
      belongs to no file, nothing is written.

      Example:
        belay journal drizzle shop --plan
      """)

  @OptionGroup var target: TargetArgument
  @Flag(name: .long, help: "Show what would be written, and write nothing.") var plan = false
  @Option(name: .long, help: ArgumentHelp("Folder with the migrations.", valueName: "dir")) var dir: String?
  @Flag(name: .long, help: "Do not rehearse on a copy first.") var noRehearse = false
  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let configuration = try session.configuration()
    let chosen = try session.resolver(configuration).target(target.target)
    var settings = session.settings(configuration)
    if let dir { settings.migrations.directory = Configuration.absolute(dir, from: session.currentFolder) }
    var request = JournalRequest()
    request.plan = plan
    request.rehearse = !noRehearse
    return try session.run(.journal(request), target: chosen, settings: settings)
  }
}

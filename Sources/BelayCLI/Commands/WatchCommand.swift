import ArgumentParser
import BelayBase

struct WatchCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "watch",
    abstract: "Run the checks over and over, and tell what changes. Changes nothing.",
    discussion: """
      Prints a line whenever a check has another status than before, and runs the hooks in belay.yaml. Stops on Ctrl+C or \
      SIGTERM with exit status 0. With --count, exits as `belay check` would after the last round.

      Example:
        belay watch shop --every 5m --max-age 26h
      """)

  @Argument(
    help: "URLs (such as sqlite:shop.db) or names in belay.yaml. Default: all targets in belay.yaml.",
    completion: .target)
  var targets: [String] = []
  @Option(name: .long, help: ArgumentHelp("Time from one round to the next. Default: 5m.", valueName: "time"))
  var every: String?
  @Option(name: .long, help: ArgumentHelp("End after this many rounds.", valueName: "n")) var count: Int?
  @Option(name: .long, help: ArgumentHelp("A last backup that is older is a failure, such as 26h.", valueName: "age"))
  var maxAge: String?
  @Option(
    name: .long,
    help: ArgumentHelp("A last proof by restoring that is older is a failure, such as 31d.", valueName: "age"))
  var maxProofAge: String?
  @Option(
    name: .long,
    help: ArgumentHelp("More archives than this that no rule of retention keeps are a failure.", valueName: "n"))
  var maxRemovable: Int?
  @Option(
    name: .long, help: ArgumentHelp("After each round, write a text file for Prometheus.", valueName: "file"),
    completion: .file(extensions: ["prom"]))
  var prometheus: String?
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    if let every, DurationText.milliseconds(every) ?? 0 == 0 {
      throw ValidationError(
        "--every is `\(every)`, which is not a time between rounds: write 30s, 5m or 1h, at most 1d")
    }
    _ = try maxAge.map { try ArchiveFilter.seconds($0, "--max-age") }
    _ = try maxProofAge.map { try ArchiveFilter.seconds($0, "--max-proof-age") }
    if let maxRemovable, maxRemovable < 0 { throw ValidationError("--max-removable must be at least 0") }
    if let count, count < 1 { throw ValidationError("--count must be at least 1") }
  }

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let configuration = try session.configuration()
    let watch = configuration.watch
    let options = Watcher.Options(
      every: .milliseconds(every.flatMap(DurationText.milliseconds) ?? watch.everyMilliseconds), rounds: count,
      limits: TargetStatus.Limits(
        age: maxAge.flatMap(DurationText.seconds) ?? watch.mostAgeSeconds,
        proofAge: maxProofAge.flatMap(DurationText.seconds) ?? watch.mostProofAgeSeconds,
        removable: maxRemovable ?? watch.mostRemovable),
      prometheus: prometheus.map { Configuration.absolute($0, from: session.currentFolder) } ?? watch.prometheus)
    let watcher = try Watcher(targets, options, configuration, in: session)
    return session.end(watcher.run())
  }
}

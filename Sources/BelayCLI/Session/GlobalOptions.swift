import ArgumentParser

/// The options that every command has.
struct GlobalOptions: ParsableArguments {
  @Option(
    name: .long, help: ArgumentHelp("Folder of the archives, the runs and the audit log.", valueName: "dir"),
    completion: .directory)
  var store: String?

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp(
      "Folder to search for drivers first. Can be repeated.", valueName: "dir"), completion: .directory)
  var driverPath: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp(
      "The belay.yaml to use. Default: the nearest one, from the current folder upward.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"]))
  var config: String?

  @Flag(name: .long, help: "Print one line of JSON per event, ending in one result.")
  var json = false

  @Flag(name: .shortAndLong, help: "Print only warnings, errors and results.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "Also print the log.")
  var verbose = false

  @Flag(name: [.customShort("y"), .long], help: "Answer yes to all questions. Does not replace a confirmation code.")
  var yes = false

  /// Those that say where things are: a command that belay tells a person to type needs them too.
  var repeated: [(name: String, value: String)] {
    var given: [(name: String, value: String)] = []
    if let store { given.append(("--store", store)) }
    if let config { given.append(("--config", config)) }
    for path in driverPath { given.append(("--driver-path", path)) }
    return given
  }

  func validate() throws {
    if quiet && verbose { throw ValidationError("-q and -v cannot be combined") }
  }
}

import ArgumentParser

/// The options that every command has.
struct GlobalOptions: ParsableArguments {
  @Option(name: .long, help: ArgumentHelp("Folder of archives, runs and the audit log.", valueName: "dir"))
  var store: String?

  @Option(
    name: .long, parsing: .singleValue,
    help: ArgumentHelp(
      "Folder to look for drivers in, before all others. May be given several times.", valueName: "dir"))
  var driverPath: [String] = []

  @Option(
    name: .long,
    help: ArgumentHelp("belay.yaml to read. Else the nearest one from the current folder upward.", valueName: "file"),
    completion: .file(extensions: ["yaml", "yml"]))
  var config: String?

  @Flag(name: .long, help: "Print the event stream, one line of JSON each, ending in one result.")
  var json = false

  @Flag(name: .shortAndLong, help: "Say only warnings, errors and results.")
  var quiet = false

  @Flag(name: .shortAndLong, help: "Say the log too.")
  var verbose = false

  @Flag(name: [.customShort("y"), .long], help: "Answer yes to questions. Codes to type are not answered by it.")
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
    if quiet && verbose { throw ValidationError("-q and -v exclude each other") }
  }
}

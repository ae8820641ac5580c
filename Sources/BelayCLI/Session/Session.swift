import BelayBase
import BelayCore
import BelayDrivers
import Foundation

/// What one call of belay works with: its options, its surroundings, and where it shows things.
struct Session {
  let options: GlobalOptions
  let renderer: any Renderer
  let currentFolder: String
  let environment: [String: String]
  /// The path of the running executable.
  let executable: String

  /// - Parameters:
  ///   - options: Those given.
  ///   - dataOnStandardOutput: The command writes data to stdout: with `--json` the events go to stderr then.
  init(options: GlobalOptions, dataOnStandardOutput: Bool) {
    self.options = options
    environment = ProcessInfo.processInfo.environment
    currentFolder = FileManager.default.currentDirectoryPath
    executable = Self.executablePath()
    let talk = DescriptorOutput(STDERR_FILENO)
    let results = dataOnStandardOutput ? talk : DescriptorOutput(STDOUT_FILENO)
    if options.json {
      renderer = JSONRenderer(output: results)
    } else {
      let began = ContinuousClock.now
      renderer = TerminalRenderer(
        results: results, talk: talk, style: Style(isTerminal: talk.isTerminal, environment: environment),
        verbosity: options.quiet ? .quiet : options.verbose ? .verbose : .normal,
        now: { ContinuousClock.now - began })
    }
  }

  /// belay.yaml: the one named, the nearest one upward, or none.
  func configuration() throws(BelayError) -> Configuration {
    guard let named = options.config else {
      guard let found = Configuration.find(from: currentFolder) else { return Configuration(folder: currentFolder) }
      return try Configuration.readFound(found, environment: environment)
    }
    do {
      return try Configuration.read(Configuration.absolute(named, from: currentFolder))
    } catch {
      throw error.asBelayError
    }
  }

  /// The file and the options as the engine takes them. Options override the file.
  func settings(_ configuration: Configuration) -> Settings {
    let store = options.store.map { Configuration.absolute($0, from: currentFolder) }
    var settings = Settings(
      store: store ?? configuration.store ?? configuration.absolute("backups"), executable: executable)
    settings.driverPaths =
      options.driverPath.map { Configuration.absolute($0, from: currentFolder) } + configuration.driverPaths
    if let formats = configuration.formats { settings.formats = formats }
    settings.migrations = configuration.migrations
    if settings.migrations.directory == nil {
      settings.migrations.directory = configuration.absolute("migrations")
    }
    settings.retention = configuration.retention
    settings.report = configuration.report
    settings.checks = configuration.checks
    settings.audit = configuration.audit
    settings.plans = configuration.plans
    settings.spotChecks = configuration.spotChecks
    settings.hooks = configuration.hooks
    settings.hooksFolder = configuration.folder
    settings.contract = configuration.contract
    settings.encryption = configuration.encryption
    if let file = environment[KeyOptions.variable], !file.isEmpty {
      settings.encryption.identityFiles = [Configuration.absolute(file, from: currentFolder)]
    }
    settings.repositories = configuration.repositories
    settings.yes = options.yes
    settings.repeatedOptions = options.repeated.flatMap { [$0.name, $0.value.shellWord] }
    return settings
  }

  /// Says which database is meant.
  func resolver(_ configuration: Configuration) -> TargetResolver {
    TargetResolver(configuration, currentFolder: currentFolder, environment: environment)
  }

  /// Where drivers are found.
  func drivers(_ settings: Settings, look: DriverLook? = nil) -> DriverSearch {
    DriverSearch(paths: settings.driverPaths, environment: environment, executable: executable, look: look)
  }

  /// An archive as a person names it: an id stays as it is, and a path starts from the current folder.
  func archive(_ typed: String) -> String {
    StoreShelf.isPath(typed) ? Configuration.absolute(typed, from: currentFolder) : typed
  }

  /// The target of an archive, or the one that a person types in its place.
  /// - Parameter settings: where the archive is looked for; nil: as the file and the options say.
  func target(
    _ typed: String?, ofArchive id: String, in configuration: Configuration, _ settings: Settings? = nil
  ) throws(BelayError) -> Target {
    let resolver = resolver(configuration)
    if let typed { return try resolver.target(typed) }
    let shelf = StoreShelf(settings ?? self.settings(configuration))
    return try resolver.target(nil, recorded: shelf.recordedTarget(ofArchive: id))
  }

  /// Shows a result that came about without a worker.
  func end(_ result: RunResult) -> ExitStatus {
    renderer.show(.result(result))
    return result.status
  }

  static func executablePath() -> String {
    do {
      return try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    } catch {
      // Without /proc there is no worker either, and its start says so.
      return CommandLine.arguments[0]
    }
  }
}

import ArgumentParser
import BelayBase
import BelayCore
import BelayDrivers
import BelayText
import SystemPackage

struct InitCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "init",
    abstract: "Write a commented belay.yaml.",
    discussion: """
      Writes belay.yaml into the current folder, or to the file given with --config. An existing file is not overwritten.

      Without a URL it looks for a database in the current folder: DATABASE_URL in .env, or a SQLite file. It also looks for the \
      folder of the migrations. A password is not written: a variable of the environment takes its place.

      Example:
        belay init
        belay init sqlite:shop.db
        belay init postgres://belay@db.example.com/shop
      """)

  @Argument(help: "The URL of the database. Default: what the current folder shows.") var url: String?
  @OptionGroup var global: GlobalOptions

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let file = Configuration.absolute(
      global.config ?? BelayBase.Configuration.fileName, from: session.currentFolder)
    let project = ProjectFolder(FilePath(file).removingLastComponent().string)
    let targets = try url.map { url throws(BelayError) in [project.placed(try typed(url))] } ?? project.targets()
    let migrations = project.migrations()
    do throws(Errno) {
      try write(
        ConfigurationTemplate.text(targets: targets.map { ($0.name, $0.url) }, directory: migrations),
        to: FilePath(file))
    } catch .fileExists {
      throw BelayError(
        .failed, "\(file) already exists", hint: "edit it, or remove it first", state: "nothing was written")
    } catch {
      throw BelayError(.failed, "\(file) cannot be written", causes: [error.description])
    }
    let notes =
      Self.notes(targets, migrations) + (targets.first.flatMap { withoutDriver($0.url, session) }.map { [$0] } ?? [])
    return session.end(RunResult(.done, Self.summary(file, targets.first), output: [file] + notes))
  }

  /// That no driver is installed for a URL; nil: one may be.
  private func withoutDriver(_ url: String, _ session: Session) -> String? {
    // What is wrong with the file, the next command says.
    guard BelayBase.Configuration.isURL(url), let configuration = try? session.configuration() else { return nil }
    let probe = DriverProbe(executable: session.executable)
    let drivers = session.drivers(session.settings(configuration), look: probe.schemes)
    guard !drivers.mayKnow(url) else { return nil }
    return
      "no installed driver knows \(url.prefix { $0 != ":" }): URLs; `belay driver list` shows the drivers that there are"
  }

  private func typed(_ url: String) throws(BelayError) -> ProposedTarget {
    if BelayBase.Configuration.isURL(url), let target = ProposedTarget(of: url, reason: "typed") { return target }
    throw BelayError(
      .usage, "`\(redact(url: url))` is no URL of a database",
      hint: "a URL begins with the scheme of its driver, such as sqlite:shop.db or postgres://…",
      state: "nothing was written")
  }

  private static func summary(_ file: String, _ target: ProposedTarget?) -> String {
    guard let target else { return "wrote \(file): put your database's URL in it, then try `belay doctor`" }
    guard let variable = target.variable else {
      return "wrote \(file) with the target \(target.name); try `belay doctor`"
    }
    return
      "wrote \(file) with the target \(target.name). It needs the environment variable \(variable.name), which holds \(variable.holds): export it, then try `belay doctor`"
  }

  private static func notes(_ targets: [ProposedTarget], _ migrations: String?) -> [String] {
    var notes = targets.prefix(1).map { "target \($0.name): \($0.reason)" }
    for other in targets.dropFirst() { notes.append("in a comment: \(other.name), since \(other.reason)") }
    if let migrations { notes.append("migrations: \(migrations)") }
    return notes
  }

  /// Whatever the umask allows, nobody else may write to it: belay would refuse it.
  private func write(_ text: String, to path: FilePath) throws(Errno) {
    try Durable.typed {
      let file = try FileDescriptor.open(
        path, .writeOnly, options: [.create, .exclusiveCreate, .closeOnExec],
        permissions: [.ownerReadWrite, .groupRead, .otherRead])
      try file.closeAfter { _ = try file.writeAll(text.utf8) }
    }
  }
}

import ArgumentParser
import BelayBase
import BelayCore
import Foundation
import Glibc

struct ScheduleCommand: Subcommand {
  static let configuration = CommandConfiguration(
    commandName: "schedule",
    abstract: "Write systemd timers, or lines for cron, that back up, verify, prune and watch over it.",
    discussion: """
      Prints the units, and writes them only with --install. Each day: a backup of each target, proven by restoring it; what \
      no rule keeps is removed; and a look at whether a backup or a proof is missing or too old, which fails if so. Each \
      Sunday: the archives whose proof is oldest are restored. On the first of a month: the oldest archive of each target is.

      --install as root writes to /etc/systemd/system, and the jobs run with the rights of the owner of belay.yaml; with \
      --user it writes to the folder of your own systemd. A failed job shows in `systemctl --failed`, in `belay status`, and \
      starts the unit that --on-failure names.

      Example:
        belay schedule --at 02:30 --on-failure mail-admin.service --install
        belay schedule --cron
      """)

  @Argument(help: "Names of targets in belay.yaml. Default: all.", completion: .target) var targets: [String] = []
  @Option(
    name: .long,
    help: ArgumentHelp("When to back up. The other jobs follow, an hour or more later.", valueName: "HH:MM"))
  var at = "03:00"
  @Option(
    name: .long,
    help:
      "In the names of the units: belay-NAME-backup-TARGET.timer and so on. Default: that of the folder of belay.yaml.")
  var name: String?
  @Option(name: .long, help: ArgumentHelp("The unit that systemd starts when a job fails.", valueName: "unit"))
  var onFailure: String?
  @Option(
    name: .long,
    help: ArgumentHelp(
      "A file of NAME=VALUE lines with the variables that belay.yaml takes from the environment.", valueName: "file"))
  var environmentFile: String?
  @Option(
    name: .long,
    help: ArgumentHelp("Whose rights the jobs run with. Default: the owner of belay.yaml.", valueName: "user"))
  var runAs: String?
  @Flag(name: .long, help: "For your own systemd, not for that of the system.") var user = false
  @Option(
    name: .long, help: ArgumentHelp("Another folder for the units. systemd is not told of them.", valueName: "dir"),
    completion: .directory)
  var unitDir: String?
  @Flag(name: .long, help: "Print lines for a crontab instead.") var cron = false
  @Flag(name: .long, help: "Write the units, and have systemd start the timers.") var install = false
  @Flag(name: .long, help: "Stop the timers, and remove the units that belay has written.") var remove = false
  @Flag(name: .long, help: "List the units that belay has written.") var list = false
  @OptionGroup var global: GlobalOptions

  func validate() throws {
    let modes = [cron, install, remove, list].count { $0 }
    if modes > 1 { throw ValidationError("--cron, --install, --remove and --list exclude each other") }
    guard ScheduledTime.minutes(at) != nil else {
      throw ValidationError("--at is `\(at)`, which is not a time of day: write 03:00")
    }
    if let name, name.isEmpty || !name.allSatisfy(Schedule.isInNames) {
      throw ValidationError("--name takes letters, digits, - and _")
    }
    if user, runAs != nil { throw ValidationError("--user and --run-as exclude each other") }
    for (option, value) in [("--on-failure", onFailure), ("--run-as", runAs)] {
      guard let value, value.isEmpty || value.contains(where: { $0.isWhitespace || $0.isNewline }) else { continue }
      throw ValidationError("\(option) is `\(value)`, which is no name")
    }
  }

  func perform(in session: Session) throws(BelayError) -> ExitStatus {
    let installation = installation(session)
    if list { return try show(installation.units(of: name), session) }
    let configuration = try session.configuration()
    let schedule = try schedule(configuration)
    if remove { return session.end(try installation.remove(schedule.name)) }
    let call = try call(configuration, session)
    if cron { return show(schedule.jobs.map { CronLine(job: $0, call: call) }, session) }
    var owner = runAs
    if !user, owner == nil { owner = try Self.owner(of: call.configuration) }
    let units = schedule.jobs.map { SystemdUnits(job: $0, call: call, onFailure: onFailure, user: owner) }
    if let unset = unset(configuration) { session.renderer.show(.log(LogLine(.warning, unset))) }
    guard !install else { return session.end(try installation.install(units, of: schedule.name)) }
    return show(units, installation.folder, session)
  }

  private func installation(_ session: Session) -> ScheduleInstallation {
    let home =
      session.environment["XDG_CONFIG_HOME"] ?? Configuration.absolute("~/.config", from: session.currentFolder)
    let usual = user ? home + "/systemd/user" : "/etc/systemd/system"
    let folder = unitDir.map { Configuration.absolute($0, from: session.currentFolder) } ?? usual
    let control = SystemControl(isOfUser: user, environment: session.environment, folder: session.currentFolder)
    return ScheduleInstallation(folder: UnitFolder(path: folder), control: unitDir == nil ? control : nil)
  }

  private func schedule(_ configuration: Configuration) throws(BelayError) -> Schedule {
    let known = configuration.targets.map(\.name)
    if let stranger = targets.first(where: { !known.contains($0) }) {
      throw BelayError(
        .notFound, "belay.yaml has no target \(stranger)",
        hint: known.isEmpty ? nil : "its targets are \(known.joined(separator: ", "))", state: "nothing was written")
    }
    return Schedule(
      name: name ?? Schedule.name(ofFolder: configuration.folder), targets: targets.isEmpty ? known : targets,
      minutes: ScheduledTime.minutes(at) ?? 180)
  }

  private func call(_ configuration: Configuration, _ session: Session) throws(BelayError) -> ScheduledCall {
    guard let file = configuration.file, !configuration.targets.isEmpty else {
      throw BelayError(
        .usage, "a schedule needs a belay.yaml with a target: who calls belay at night types no URL",
        hint: "`belay init` writes one", state: "nothing was written")
    }
    let settings = session.settings(configuration)
    return ScheduledCall(
      executable: session.executable, configuration: Configuration.absolute(file, from: session.currentFolder),
      folder: Configuration.absolute(configuration.folder, from: session.currentFolder), store: settings.store,
      driverPaths: session.options.driverPath.map { Configuration.absolute($0, from: session.currentFolder) },
      environmentFile: environmentFile.map { Configuration.absolute($0, from: session.currentFolder) })
  }

  /// Variables that a job will not find.
  private func unset(_ configuration: Configuration) -> String? {
    let meant = configuration.targets.filter { targets.isEmpty || targets.contains($0.name) }
    guard environmentFile == nil, let target = meant.first(where: { $0.url.contains("${") }) else { return nil }
    return
      "the URL of \(target.name) takes a variable from the environment, which a job does not have: name a file with it "
      + "by --environment-file"
  }

  /// Files of a store belong to one user: who runs belay by hand.
  private static func owner(of path: String) throws(BelayError) -> String {
    var status = stat()
    guard stat(path, &status) == 0, let entry = getpwuid(status.st_uid) else {
      throw BelayError(
        .failed, "the owner of \(path) has no name", hint: "name a user with --run-as", state: "nothing was written")
    }
    return String(cString: entry.pointee.pw_name)
  }

  // MARK: What is shown

  private func show(_ units: [SystemdUnits], _ folder: UnitFolder, _ session: Session) -> ExitStatus {
    for unit in units {
      let record = ScheduledRecord(unit.job, command: unit.call.words(unit.job))
      // As `systemctl cat` shows them.
      let files = [("service", unit.service), ("timer", unit.timer)]
      let lines = files.flatMap { kind, text in
        ["# \(folder.file(unit.job.name)).\(kind)"]
          + text.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
      }
      session.renderer.show(record, as: lines)
    }
    return session.end(
      RunResult(.done, "\(Counted.text(units.count, "job")), nothing was written; to write them: add --install"))
  }

  private func show(_ lines: [CronLine], _ session: Session) -> ExitStatus {
    for line in lines {
      session.renderer.show(
        ScheduledRecord(line.job, command: line.call.words(line.job)), as: ["# \(line.job.about)", line.text])
    }
    return session.end(RunResult(.done, "add these lines to a crontab: crontab -e"))
  }

  private func show(_ units: [UnitFolder.Unit], _ session: Session) -> ExitStatus {
    let timers = units.filter { $0.name.hasSuffix(".timer") }
    let rows = timers.map { timer in
      let service = units.first { $0.name == timer.name.replacing(".timer", with: ".service") }
      return [
        timer.name, timer.value("OnCalendar") ?? "?",
        (timer.isEdited || service?.isEdited == true ? "(changed by hand) " : "")
          + (service?.value("ExecStart") ?? "no service"),
      ]
    }
    let lines = TextTable(header: ["timer", "when", "command"], rows: rows).lines
    for (index, row) in rows.enumerated() {
      session.renderer.show(
        ListedUnit(timer: row[0], calendar: row[1], command: row[2]),
        as: index == 0 ? Array(lines.prefix(2)) : [lines[index + 1]])
    }
    return session.end(RunResult(.done, rows.isEmpty ? "no schedule is installed" : Counted.text(rows.count, "timer")))
  }
}

/// A job as `--json` shows it.
private struct ScheduledRecord: Encodable {
  let event = "scheduled_job"
  let name: String
  let about: String
  let calendar: String
  let cron: String
  let command: [String]

  private enum CodingKeys: String, CodingKey { case event, name, about, calendar, cron, command }

  init(_ job: ScheduledJob, command: [String]) {
    name = job.name
    about = job.about
    calendar = job.time.calendar
    cron = job.time.cron
    self.command = command
  }
}

/// A timer that is installed, as `--json` shows it.
private struct ListedUnit: Encodable {
  let event = "scheduled_timer"
  let timer: String
  let calendar: String
  let command: String

  private enum CodingKeys: String, CodingKey { case event, timer, calendar, command }
}

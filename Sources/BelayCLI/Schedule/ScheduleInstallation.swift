import BelayBase

/// The units of a schedule in a folder of systemd.
struct ScheduleInstallation {
  let folder: UnitFolder
  /// nil: it is not told.
  let control: SystemControl?

  func units(of schedule: String?) throws(BelayError) -> [UnitFolder.Unit] { try folder.units(of: schedule) }

  /// Writes what is missing or different, and removes what the schedule had before and has no more.
  func install(_ units: [SystemdUnits], of schedule: String) throws(BelayError) -> RunResult {
    var wanted: [(name: String, text: String)] = []
    for unit in units {
      wanted.append((unit.job.name + ".service", unit.service))
      wanted.append((unit.job.name + ".timer", unit.timer))
    }
    let names = Set(wanted.map(\.name))
    let rest = try folder.units(of: schedule).filter { !names.contains($0.name) }
    var written = 0
    for one in wanted where try folder.write(one.text, as: one.name, of: schedule) { written += 1 }
    try stop(rest)
    for unit in rest { try folder.remove(unit) }
    let timers = wanted.map(\.name).filter { $0.hasSuffix(".timer") }
    let what =
      written == 0 && rest.isEmpty
      ? "the schedule \(schedule) is installed already, as it is now"
      : "wrote \(Counted.text(written, "unit")) of the schedule \(schedule) to \(folder.path)"
    guard let control else { return RunResult(.done, what) }
    guard control.isRunning else {
      let commands = [["daemon-reload"], ["enable", "--now"] + timers].map(control.command)
      return RunResult(
        .doneWithWarnings, "\(what); systemd is not running here, so that no timer has been started",
        output: ["where it runs, call:"] + commands.map { $0.joined(separator: " ") })
    }
    try control.run(["daemon-reload"])
    try control.run(["enable", "--now"] + timers)
    return RunResult(.done, "\(what), and started \(Counted.text(timers.count, "timer"))")
  }

  func remove(_ schedule: String) throws(BelayError) -> RunResult {
    let units = try folder.units(of: schedule)
    guard !units.isEmpty else {
      throw BelayError(
        .notFound, "no schedule \(schedule) is installed in \(folder.path)", hint: "`belay schedule --list` shows them",
        state: "nothing was removed")
    }
    if let edited = units.first(where: \.isEdited) {
      throw BelayError(
        .refused, "\(edited.file) was changed by hand", hint: "remove it by hand, then call this again",
        state: "nothing was removed")
    }
    try stop(units)
    for unit in units { try folder.remove(unit) }
    if let control, control.isRunning { try control.run(["daemon-reload"]) }
    return RunResult(
      .done, "removed \(Counted.text(units.count, "unit")) of the schedule \(schedule) from \(folder.path)")
  }

  /// A timer whose unit is gone would go on until systemd reads its units again.
  private func stop(_ units: [UnitFolder.Unit]) throws(BelayError) {
    let timers = units.map(\.name).filter { $0.hasSuffix(".timer") }
    guard let control, control.isRunning, !timers.isEmpty else { return }
    try control.run(["disable", "--now"] + timers)
  }
}

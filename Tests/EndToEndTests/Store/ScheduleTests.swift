import Foundation
import Testing

@Suite("Schedules")
struct ScheduleTests {
  /// A workspace with a name that systemd, cron and the shell each read something into.
  private static func shop(_ name: String = #"50% of "my $HOME" \shop's"#) throws -> (Workspace, folder: URL) {
    let shop = try Workspace()
    let folder = shop.folder.appending(path: name)
    try FileManager.default.createDirectory(
      at: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    try FileManager.default.moveItem(at: shop.database, to: folder.appending(path: "shop.db"))
    try Data("targets:\n  shop: sqlite:shop.db\n".utf8).write(to: folder.appending(path: "belay.yaml"))
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o600], ofItemAtPath: folder.appending(path: "belay.yaml").path)
    return (shop, folder)
  }

  private struct Job: Decodable {
    let name: String
    let calendar: String
    let command: [String]
  }

  private static func jobs(_ printed: String) throws -> [Job] {
    try printed.split(separator: "\n").filter { $0.contains(#""event":"scheduled_job""#) }
      .map { try JSONDecoder().decode(Job.self, from: Data($0.utf8)) }
  }

  private static func schedule(_ folder: URL, _ arguments: String..., environment: [String: String] = [:]) throws
    -> Program.Outcome
  {
    try Program.run(Program.belay().path, ["schedule"] + arguments, in: folder, environment: environment)
  }

  @Test func `systemd accepts the units and their calendars, whatever the folder is called`() throws {
    let (shop, folder) = try Self.shop()
    let units = shop.folder.appending(path: "units")
    let run = try Self.schedule(
      folder, "--unit-dir", units.path, "--install", "--at", "23:30", "--on-failure", "a.service")
    #expect(run.status == 0 && run.errors.contains("wrote 12 units"), "\(run)")
    let files = try FileManager.default.contentsOfDirectory(atPath: units.path).sorted()
    #expect(files.count == 12 && files.allSatisfy { $0.hasPrefix("belay-50--of--my--HOME---shop-s-") }, "\(files)")
    try Data("[Service]\nExecStart=/bin/true\n".utf8).write(to: units.appending(path: "a.service"))
    let check = try Program.run(
      "/usr/bin/env", ["systemd-analyze", "verify"] + files.map { units.appending(path: $0).path }, in: folder)
    #expect(check.status == 0 && check.output + check.errors == "", "\(check)")
    for job in try Self.jobs(Self.schedule(folder, "--json", "--at", "23:30").output) {
      let read = try Program.run("/usr/bin/env", ["systemd-analyze", "calendar", job.calendar], in: folder)
      #expect(read.status == 0, "\(read)")
    }
    // The jobs of the early morning belong to the evening before.
    let timer = units.appending(path: files.first { $0.hasSuffix("prune.timer") } ?? "")
    #expect(try String(contentsOf: timer, encoding: .utf8).contains("OnCalendar=*-*-* 03:30:00"))
  }

  @Test func `each job does its part, called as systemd and as cron call it`() throws {
    let (shop, folder) = try Self.shop()
    defer { withExtendedLifetime(shop) {} }
    let jobs = try Self.jobs(Self.schedule(folder, "--json").output)
    #expect(jobs.map { $0.name.split(separator: "-").last } == ["shop", "verify", "shop", "prune", "shop", "status"])
    for job in jobs {
      let run = try Program.run(job.command[0], Array(job.command.dropFirst()), in: URL(filePath: "/"))
      #expect(run.status == 0, "\(job.name): \(run)")
    }
    let list = try Program.run(Program.belay().path, ["list", "--kind", "scheduled"], in: folder)
    #expect(list.output.contains(/scheduled  restore, \d+ min ago/), "\(list)")

    let lines = try Self.schedule(folder, "--cron").output.split(separator: "\n").filter { !$0.hasPrefix("#") }
    #expect(lines.count == 6)
    for line in lines {
      // As cron reads it: five fields, then a command of the shell, in which \% is %.
      let command = String(line.split(separator: " ", maxSplits: 5)[5].replacing(#"\%"#, with: "%"))
      let run = try Program.run("/bin/sh", ["-c", command], in: URL(filePath: "/"))
      #expect(run.status == 0 && run.errors == "", "\(line): \(run)")
    }
  }

  @Test func `the job of status fails where backups are missing`() throws {
    let (shop, folder) = try Self.shop()
    defer { withExtendedLifetime(shop) {} }
    let jobs = try Self.jobs(Self.schedule(folder, "--json").output)
    let status = try #require(jobs.last)
    #expect(try Program.run(status.command[0], Array(status.command.dropFirst()), in: folder).status == 3)
    let line = try #require(
      try Self.schedule(folder, "--cron").output.split(separator: "\n").last { !$0.hasPrefix("#") })
    let command = String(line.split(separator: " ", maxSplits: 5)[5].replacing(#"\%"#, with: "%"))
    let run = try Program.run("/bin/sh", ["-c", command], in: folder)
    #expect(run.status == 3 && run.output.contains("no backup    shop"), "\(run)")
  }

  @Test func `a schedule is installed once, removed as a whole, and nothing of others is touched`() throws {
    let (shop, folder) = try Self.shop("shop")
    let units = shop.folder.appending(path: "units").path
    for (name, said) in [("shop", "wrote 12"), ("shop", "installed already"), ("shop-backup", "wrote 12")] {
      let run = try Self.schedule(folder, "--install", "--unit-dir", units, "--name", name)
      #expect(run.status == 0 && run.errors.contains(said), "\(run)")
    }
    let moved = try Self.schedule(folder, "--install", "--unit-dir", units, "--name", "shop", "--at", "01:00")
    #expect(moved.errors.contains("wrote 6 units"), "\(moved)")
    let list = try Self.schedule(folder, "--list", "--unit-dir", units, "--name", "shop")
    #expect(list.output.contains("belay-shop-backup-shop.timer  *-*-* 01:00:00") && list.errors.contains("6 timers"))

    let file = "\(units)/belay-shop-prune.service"
    let text = try String(contentsOfFile: file, encoding: .utf8)
    try (text + "# mine\n").write(toFile: file, atomically: true, encoding: .utf8)
    for option in ["--install", "--remove"] {
      let run = try Self.schedule(folder, option, "--unit-dir", units, "--name", "shop", "--at", "02:00")
      #expect(option == "--install" || run.status == 22, "\(run)")
      #expect(option == "--install" || run.errors.contains("changed by hand"), "\(run)")
    }
    #expect(try String(contentsOfFile: file, encoding: .utf8).hasSuffix("# mine\n"))
    try text.write(toFile: file, atomically: true, encoding: .utf8)
    #expect(try Self.schedule(folder, "--remove", "--unit-dir", units, "--name", "shop").errors.contains("removed 12"))
    #expect(try FileManager.default.contentsOfDirectory(atPath: units).count == 12)
    #expect(try Self.schedule(folder, "--remove", "--unit-dir", units, "--name", "shop").status == 10)

    try Data("[Timer]\n".utf8).write(to: URL(filePath: "\(units)/belay-shop-verify.timer"))
    let refused = try Self.schedule(folder, "--install", "--unit-dir", units, "--name", "shop")
    #expect(refused.status == 22 && refused.errors.contains("was not written by belay"), "\(refused)")
  }

  @Test func `systemd is told, where it runs; where it does not, the commands are`() throws {
    let (shop, folder) = try Self.shop("shop")
    let log = shop.folder.appending(path: "calls").path
    try shop.folder(of: "bin/systemctl", "#!/bin/sh\necho \"$*\" >> \(log)\n[ ! -e \(log).fails ]\n")
    try FileManager.default.setAttributes(
      [.posixPermissions: 0o755], ofItemAtPath: shop.folder.appending(path: "bin/systemctl").path)
    var environment = [
      "PATH": shop.folder.appending(path: "bin").path + ":/usr/bin:/bin", "XDG_CONFIG_HOME": shop.folder.path,
      "XDG_RUNTIME_DIR": shop.folder.appending(path: "nothing").path,
    ]
    let silent = try Self.schedule(folder, "--user", "--install", environment: environment)
    #expect(silent.status == 3 && silent.output.contains("systemctl --user enable --now belay-shop-"), "\(silent)")
    #expect(!FileManager.default.fileExists(atPath: log))
    // The folder that a running systemd of the user has.
    environment["XDG_RUNTIME_DIR"] = shop.folder.appending(path: "run").path
    try shop.folder(of: "run/systemd/notify", "")
    #expect(try Self.schedule(folder, "--user", "--install", environment: environment).status == 0)
    #expect(try Self.schedule(folder, "--user", "--remove", environment: environment).status == 0)
    let calls = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n").map {
      $0.split(separator: " ").prefix(3).joined(separator: " ")
    }
    #expect(
      calls == ["--user daemon-reload", "--user enable --now", "--user disable --now", "--user daemon-reload"],
      "\(calls)")
    try Data().write(to: URL(filePath: log + ".fails"))
    let failed = try Self.schedule(folder, "--user", "--install", environment: environment)
    #expect(failed.status == 1 && failed.errors.contains("`systemctl --user daemon-reload` failed"), "\(failed)")
  }

  @Test func `a schedule needs a target with a name, a time of day, and a file for variables`() throws {
    let (shop, folder) = try Self.shop("shop")
    #expect(try shop.belay("schedule").status == 64)
    #expect(try Self.schedule(folder, "nosuch").status == 10)
    for at in ["3", "24:00", "03:60", "", "-1:00"] { #expect(try Self.schedule(folder, "--at=\(at)").status == 64) }
    #expect(try Self.schedule(folder, "--install", "--list").status == 64)
    try Data("targets:\n  shop: sqlite:${PLACE}/shop.db\n".utf8).write(to: folder.appending(path: "belay.yaml"))
    #expect(try Self.schedule(folder).errors.contains("takes a variable from the environment"))
    let named = try Self.schedule(folder, "--environment-file", "shop.env")
    #expect(named.output.contains("EnvironmentFile=\(folder.path)/shop.env"), "\(named)")
    #expect(!named.errors.contains("takes a variable"), "\(named)")
  }
}

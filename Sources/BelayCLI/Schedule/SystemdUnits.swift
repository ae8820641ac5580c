import BelayBase

/// A job as a service of systemd and the timer that starts it.
struct SystemdUnits {
  let job: ScheduledJob
  let call: ScheduledCall
  /// The unit that systemd starts when the job fails; nil: none.
  let onFailure: String?
  /// Whose rights it runs with; nil: those of the user whose systemd it is.
  let user: String?

  var service: String {
    var lines = ["[Unit]", "Description=belay: \(Self.escaped(job.about))"]
    lines += ["Wants=network-online.target", "After=network-online.target"]
    if let onFailure { lines.append("OnFailure=\(onFailure)") }
    lines += [
      "", "[Service]", "Type=oneshot", "WorkingDirectory=\(Self.escaped(call.folder))",
      "ExecStart=\(call.words(job).map(Self.word).joined(separator: " "))",
    ]
    if job.isDoneWithWarnings {
      lines += [
        "# 3: done, and something is to be known. It is in the log, and `belay status` tells it.",
        "SuccessExitStatus=3",
      ]
    }
    if let file = call.environmentFile { lines.append("EnvironmentFile=\(Self.escaped(file))") }
    lines += [
      "# belay puts everything back before it ends.", "TimeoutStopSec=10min", "Nice=10",
      "IOSchedulingClass=best-effort",
      "IOSchedulingPriority=7", "UMask=0077", "NoNewPrivileges=yes", "LockPersonality=yes", "RestrictRealtime=yes",
      "RestrictSUIDSGID=yes", "SystemCallArchitectures=native",
    ]
    if let user {
      lines += [
        "User=\(user)", "PrivateDevices=yes", "ProtectClock=yes", "ProtectControlGroups=yes", "ProtectHostname=yes",
        "ProtectKernelModules=yes", "ProtectKernelTunables=yes", "RestrictNamespaces=yes",
        "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6 AF_NETLINK", "ProtectSystem=full",
        "ReadWritePaths=\(Self.word("-" + call.store))",
      ]
      // Root may own none of the files that it works with.
      if user != "root" { lines.append("CapabilityBoundingSet=") }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  var timer: String {
    """
    [Unit]
    Description=belay: when to \(Self.escaped(job.about))

    [Timer]
    OnCalendar=\(job.time.calendar)
    # One that was missed, because the machine was off, runs when it is on again.
    Persistent=true
    RandomizedDelaySec=5min

    [Install]
    WantedBy=timers.target

    """
  }

  /// `%` begins a specifier (systemd.unit(5)).
  private static func escaped(_ text: String) -> String { text.replacing("%", with: "%%") }

  /// A word of a command line (systemd.service(5), "Command lines").
  private static func word(_ text: String) -> String {
    let safe = escaped(text).replacing("$", with: "$$")
    let isPlain = !safe.isEmpty && !safe.contains { $0.isWhitespace || #"\"';"#.contains($0) }
    guard !isPlain else { return safe }
    return "\"" + safe.replacing(#"\"#, with: #"\\"#).replacing("\"", with: #"\""#) + "\""
  }
}

/// A job as a line of a crontab.
struct CronLine {
  let job: ScheduledJob
  let call: ScheduledCall

  /// cron mails what a command prints: belay prints nothing but what is to be known.
  var text: String {
    var words = call.words(job).map(\.shellWord).joined(separator: " ") + " --quiet"
    if job.isDoneWithWarnings { words += " || [ $? -eq 3 ]" }
    var line = "cd \(call.folder.shellWord) && "
    if let file = call.environmentFile { line += "set -a && . \(file.shellWord) && set +a && " }
    // cron takes % for the end of a line.
    return "\(job.time.cron) " + (line + words).replacing("%", with: #"\%"#)
  }
}

import Foundation

/// Tests a driver against the rules, each in a separate process.
package struct ConformanceSuite: Sendable {
  /// The driver's file, absolute.
  package var file: String
  /// Where the suite can create databases.
  package var url: URLTemplate
  package var specimen = Specimen()
  /// Hide the driver's extensions, to test the host with the core alone.
  package var coreOnly = false
  /// Write down every call, for the results.
  package var isTraced = false
  /// A shell command that removes one database; `{}` is its name. nil: databases are kept.
  package var drop: String?
  /// The path of the running executable, which is started again for each rule.
  package var executable: String
  /// Overrides each rule's own limit.
  package var limit: Duration?

  package init(file: String, url: URLTemplate, executable: String) {
    self.file = file
    self.url = url
    self.executable = executable
  }

  /// What is left behind: names of databases that were not removed.
  package struct Leftovers: Sendable {
    package var databases: [String] = []
    /// The failure of the command that removes them; nil if none failed.
    package var failure: String?
  }

  /// Runs the rules in their order. onResult: called with each result.
  /// - Returns: Databases that still exist.
  /// - Throws: If a process cannot be started.
  package func run(
    _ rules: [Rule] = Rule.all, onResult: (RuleResult) -> Void
  ) throws(NotRun) -> Leftovers {
    var leftovers = Leftovers()
    let token = String(UInt32.random(in: 0x1000_0000 ... .max), radix: 16)
    for rule in rules {
      let job = RuleJob(
        rule: rule.number, file: file, url: url, specimen: specimen, coreOnly: coreOnly, isTraced: isTraced,
        prefix: "belaytest_\(token)_\(rule.number)")
      do {
        let report = try RuleProcess(executable: executable, job: job, limit: limit ?? rule.limit).run()
        onResult(RuleResult(rule, report))
        remove(Set(report.made).sorted(), &leftovers)
      } catch {
        throw NotRun(reason: "rule \(rule.number) cannot be run: \(error.reason)")
      }
    }
    return leftovers
  }

  package struct NotRun: Error { package let reason: String }

  private func remove(_ names: [String], _ leftovers: inout Leftovers) {
    guard let drop else {
      leftovers.databases += names
      return
    }
    for name in names {
      let shell = Process()
      shell.executableURL = URL(filePath: "/bin/sh")
      shell.arguments = ["-c", URLTemplate.filled(drop, name)]
      shell.standardInput = FileHandle.nullDevice
      shell.standardOutput = FileHandle.nullDevice
      shell.standardError = FileHandle.nullDevice
      do {
        try shell.run()
        shell.waitUntilExit()
        if shell.terminationStatus == 0 { continue }
        leftovers.failure = "exit status \(shell.terminationStatus)"
      } catch {
        leftovers.failure = "\(error)"
      }
      leftovers.databases.append(name)
    }
  }
}

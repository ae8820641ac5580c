import BelayBase
import BelayChecks
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayText
import Foundation
import SystemPackage

/// The data-quality queries of belay.yaml, run before a change: `audit_report.txt` in the run's folder. What they find is
/// told, and stops nothing.
package struct Audit {
  package let run: Run

  package init(run: Run) {
    self.run = run
  }

  package func write() throws(BelayError) {
    let context = run.context
    let results = try CheckRunner(context: context, definitions: context.settings.audit)
      .run(
        on: CheckSubject(
          run.connection, backup: .newest(context.store, identity: run.connection.traits.identity, keys: context.keys)),
        when: { $0 != .never })
    let records = results.map(\.record)
    run.report.add(.audit(records))
    let lines = records.map { VisibleText.line($0.line(showsRows: context.settings.report.showsRows)) }
    let path = run.folder.appending("audit_report.txt")
    do {
      try Durable.write(Data((lines.joined(separator: "\n") + "\n").utf8), to: path)
    } catch {
      throw BelayError(.failed, "cannot write \(path)", causes: [error.description])
    }
    for result in results where !result.passes {
      var finding = result.finding
      finding.severity = .warning
      finding.source = "audit"
      context.narrator.tell(.finding(finding))
    }
  }
}

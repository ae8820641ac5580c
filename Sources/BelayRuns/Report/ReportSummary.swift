import BelayBase
import BelayStore
import Foundation

/// A run in a few lines, as people paste them into a ticket.
package struct ReportSummary {
  /// Label and value of each line.
  package let entries: [(label: String, value: String)]
  /// What was found to hold, or not.
  package let validations: [CheckRecord]

  package init(_ report: RunReport) {
    validations = Self.validations(report)
    let change = report.parts.lastChange
    let files = report.parts.files
    entries = [
      ("description", Self.description(report, files)), ("target", report.target),
      ("records migrated", change.map(Self.records) ?? ""), ("transformations", Self.transformations(files)),
      ("duration", Self.duration(report)), ("errors", Self.errors(report)),
      ("validation", Self.counted(validations)), ("backup", Self.backup(report)),
      ("rollback available", Self.rollback(report)),
    ].filter { !$0.1.isEmpty }
  }

  private static func description(_ report: RunReport, _ files: [PartRecord]) -> String {
    let names = files.prefix(3).map(\.name).joined(separator: ", ")
    let more = files.count > 3 ? " and \(files.count - 3) more" : ""
    return files.isEmpty ? report.kind.rawValue : "\(report.kind.rawValue): \(names)\(more)"
  }

  /// As the engine counted them, where it does; else how many rows more or less there are.
  private static func records(_ record: ChangeRecord) -> String {
    let tables = record.observations.flatMap(\.tables)
    // Tables that were not there before are not observed.
    let new = record.deltas.filter { $0.before == nil }.map { Int64(clamping: $0.after ?? 0) }
    let gone = record.deltas.filter { $0.after == nil }.map { Int64(clamping: $0.before ?? 0) }
    let counts = [
      ("inserted", Counted.sum(tables.map(\.inserted) + new)), ("updated", Counted.sum(tables.map(\.updated))),
      ("deleted", Counted.sum(tables.map(\.deleted) + gone)),
    ].filter { $0.1 > 0 }
    if !counts.isEmpty, tables.contains(where: { $0.inserted + $0.updated + $0.deleted > 0 }) {
      return counts.map { "\($0.1) \($0.0)" }.joined(separator: ", ")
    }
    let changes = record.deltas.map(\.difference)
    let (more, fewer) = (Counted.sum(changes.filter { $0 > 0 }), Counted.sum(changes.filter { $0 < 0 }.map { 0 - $0 }))
    guard !record.deltas.isEmpty else { return "none" }
    return "\(more) rows more, \(fewer) fewer, in \(Counted.text(record.deltas.count, "table"))"
  }

  private static func transformations(_ files: [PartRecord]) -> String {
    guard !files.isEmpty else { return "" }
    let statements = Counted.sum(files.compactMap(\.statements))
    return Counted.text(files.count, "part") + (statements > 0 ? ", \(Counted.text(statements, "statement"))" : "")
  }

  private static func duration(_ report: RunReport) -> String {
    let apply = report.timeline.filter { $0.phase == .apply }.map(\.seconds).reduce(0, +)
    let whole = Self.seconds(report.ended.timeIntervalSince(report.began))
    return apply > 0 ? "\(whole), of which \(Self.seconds(apply)) to apply it" : whole
  }

  package static func seconds(_ seconds: Double) -> String {
    seconds < 120 ? String(format: "%.2f s", max(0, seconds)) : DurationText.age(Int(seconds))
  }

  private static func errors(_ report: RunReport) -> String {
    let warnings = report.parts.flatMap(\.findings).count { $0.severity == .warning }
    let also = warnings > 0 ? "; \(Counted.text(warnings, "warning"))" : ""
    return (report.result.error.map(\.message) ?? "none") + also
  }

  private static func validations(_ report: RunReport) -> [CheckRecord] {
    report.parts.flatMap { part -> [CheckRecord] in
      switch part {
      case .verification(let level, let tables, _):
        let found = tables.map { "restored, \(Counted.text($0, "table")) equal" } ?? "level \(level.rawValue)"
        return [CheckRecord(name: "backup verified", passes: true, description: found, rows: [])]
      case .rehearsal:
        // What goes wrong in it ends the run before anybody is asked.
        let went = report.timeline.contains { $0.phase == .confirm }
        let found = went ? "on a restored copy" : "it failed on the restored copy, and the run ended there"
        return [CheckRecord(name: "rehearsed", passes: went, description: found, rows: [])]
      case .validations(let checks): return checks
      case .hooks(let hooks):
        return hooks.filter { $0.moment == RunHook("", .after, .apply).moment }
          .map { CheckRecord(name: "hook \($0.title)", passes: $0.passes, description: $0.found, rows: []) }
      case .proof(let proof):
        return [
          CheckRecord(
            name: "as before", passes: proof.isSchemaEqual && proof.byOthers.isEmpty,
            description: "\(proof.equalTables) of \(Counted.text(proof.tables, "table")) equal", rows: [])
        ]
      default: return []
      }
    }
  }

  private static func counted(_ checks: [CheckRecord]) -> String {
    checks.isEmpty ? "" : "\(checks.count { $0.passes }) of \(Counted.text(checks.count, "check")) passed"
  }

  private static func backup(_ report: RunReport) -> String {
    guard let archive = report.parts.archive else { return report.result.archive ?? "" }
    return "\(archive.path), \(ByteCount.text(archive.bytes))"
  }

  private static func rollback(_ report: RunReport) -> String {
    if let undo = report.result.undo { return "yes: \(undo)" }
    if report.result.error?.kind.leavesRunOpen == true { return "run `belay recover`" }
    if report.result.error != nil { return "not needed: \(report.result.error?.state ?? "nothing is left to undo")" }
    return report.kind.changesTarget || report.kind == .rollback ? "not needed: nothing was changed" : ""
  }
}

extension [ReportPart] {
  /// What the change did to the target.
  var lastChange: ChangeRecord? {
    for case .change(let record) in self.reversed() { return record }
    return nil
  }

  var files: [PartRecord] {
    for case .files(let files) in self { return files }
    return []
  }

  var archive: ArchiveRecord? {
    for case .backup(let archive) in self { return archive }
    return nil
  }
}

extension ReportPart {
  var findings: [Finding] {
    switch self {
    case .preflight(let findings), .notRehearsed(let findings): findings
    case .change(let record): record.findings
    default: []
    }
  }
}

extension TableDelta {
  /// Rows more, or fewer.
  package var difference: Int64 {
    Int64(clamping: after ?? 0) - Int64(clamping: before ?? 0)
  }
}

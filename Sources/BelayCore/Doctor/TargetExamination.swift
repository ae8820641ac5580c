import BelayBase
import BelayChange
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore

/// What preflight finds of a database, area by area: the same code as `migrate` runs.
struct TargetExamination {
  let context: RunContext
  let access: TargetAccess
  let connection: Connection
  let folder: MigrationsFolder

  func look(_ list: DoctorList) {
    var preflight = ChangePreflight(
      context: context, access: access, connection: connection,
      change: SQLFilesChange(context: context, request: MigrateRequest()))
    var last = PreflightArea.room
    preflight.observer = { area, found in
      last = area
      list.take(entries(area, found))
    }
    let found: ChangePreflight.Outcome
    do {
      found = try preflight.take(asks: false, structure: true)
    } catch {
      list.refuse(error)
      list.leaveOut(after: last.item)
      return
    }
    if case .success(let plan) = found.plan { list.take(pending(plan)) }
    refuse(found.findings.filter { !$0.isDamage }, list)
    // `migrate` does not look for damage before it begins: the proof of its backup fails.
    refuse(found.findings.filter(\.isDamage), as: .verificationFailed, list)
  }

  private func refuse(_ findings: [Finding], as kind: BelayError.Kind? = nil, _ list: DoctorList) {
    do {
      try Preflight.refuse(findings, state: "nothing was changed")
    } catch {
      var refusal = error
      if let kind { refusal.kind = kind }
      list.refuse(refusal)
    }
  }

  private func pending(_ plan: ChangePlan) -> DoctorList.Entry {
    let skipped = plan.leftOutWords
    guard !plan.isEmpty else { return .init(.migrations, .ok, "nothing to apply" + skipped) }
    return .init(.migrations, .ok, "\(plan.count) to apply" + skipped)
  }

  private func entries(_ area: PreflightArea, _ found: Result<[Finding], BelayError>) -> [DoctorList.Entry] {
    switch found {
    case .success(let findings): area == .migrations ? files(findings) : [entry(area, findings)]
    case .failure(let error):
      area == .migrations ? folder.failed(error) : [.init(area.item, refusal: error)]
    }
  }

  private func files(_ findings: [Finding]) -> [DoctorList.Entry] {
    let folder = self.folder.alone()
    guard !findings.isEmpty else { return folder }
    return folder + [entry(.migrations, findings)]
  }

  private func entry(_ area: PreflightArea, _ findings: [Finding]) -> DoctorList.Entry {
    let status = Diagnosis.Status(findings.map(\.severity).max())
    var entry = DoctorList.Entry(area.item, status, findings.isEmpty ? ok(area) : findings.counts)
    entry.findings = findings
    return entry
  }

  private func ok(_ area: PreflightArea) -> String {
    switch area {
    case .room: roomWords
    case .rights: "sufficient"
    case .integrity: "no findings"
    case .sessions: "no others"
    case .migrations: "no findings"
    case .copy: "can be made: the backup is proven by restoring it, and the migration is rehearsed"
    case .checks: checkWords
    }
  }

  private var roomWords: String {
    let preflight = Preflight(context: context, access: access, connection: connection)
    let needed = preflight.storeBytes(preflight.need)
    let free = context.store.runs.freeBytes().map { "\(ByteCount.text($0)) free in the store" }
    return [needed > 0 ? "up to \(ByteCount.text(needed)) needed" : "size of the database not known", free]
      .compactMap(\.self).joined(separator: ", ")
  }

  private var checkWords: String {
    let checks = context.settings.checks.count { $0.when != .never }
    let audit = context.settings.audit.count
    let counted = [
      checks > 0 ? Counted.text(checks, "check") : nil,
      audit > 0 ? Counted.text(audit, "audit query").replacing("querys", with: "queries") : nil,
    ].compactMap(\.self)
    return counted.isEmpty ? "none in belay.yaml" : counted.joined(separator: " and ") + " can run"
  }
}

extension Finding {
  fileprivate var isDamage: Bool { severity == .error && rule == Preflight.damageRule }
}

extension PreflightArea {
  fileprivate var item: Diagnosis.Item {
    switch self {
    case .room: .room
    case .rights: .rights
    case .integrity: .integrity
    case .sessions: .sessions
    case .migrations: .migrations
    case .copy: .copy
    case .checks: .checks
    }
  }
}

extension Diagnosis.Status {
  /// nil: nothing was found.
  fileprivate init(_ severity: Finding.Severity?) {
    self =
      switch severity {
      case .error: .failed
      case .warning: .warning
      case .note: .note
      case nil: .ok
      }
  }
}

extension [Finding] {
  /// "1 error, 2 warnings"
  fileprivate var counts: String {
    [(Finding.Severity.error, "error"), (.warning, "warning"), (.note, "note")].compactMap { severity, noun in
      let count = count { $0.severity == severity }
      return count == 0 ? nil : Counted.text(count, noun)
    }.joined(separator: ", ")
  }
}

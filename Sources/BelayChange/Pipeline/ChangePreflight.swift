import BelayBase
import BelayChecks
import BelayDatabase
import BelayDrivers
import BelayRuns
import BelayStore

/// Everything that can be known of a change before anything is done: what the database and the store allow, what the
/// change's plan says, and whether the configured queries can run. `doctor` and the pipeline ask the same.
package struct ChangePreflight {
  package let context: RunContext
  package let access: TargetAccess
  package let connection: Connection
  package let change: any Change
  /// Sees each area when it has been looked at.
  package var observer: PreflightArea.Observer = { _, _ in }

  package init(context: RunContext, access: TargetAccess, connection: Connection, change: any Change) {
    self.context = context
    self.access = access
    self.connection = connection
    self.change = change
  }

  package struct Outcome {
    /// Of the database, the store, the plan, and the checks that run before a change.
    package var findings: [Finding]
    package var catalog: Catalog
    /// Fails where the change cannot be planned at all: what else is wrong is among the findings.
    package var plan: Result<ChangePlan, BelayError>

    /// Whether there is a warning about the database, the store or the checks. What the linter says of the files is no
    /// news of the database.
    package var warns: Bool { findings.contains { $0.severity == .warning && $0.source != "lint" } }
  }

  /// - Parameters:
  ///   - asks: a person would be asked to confirm.
  ///   - structure: run the engine's own check of the database.
  package func take(asks: Bool, structure: Bool = false) throws(BelayError) -> Outcome {
    let preflight = Preflight(context: context, access: access, connection: connection)
    var findings = try preflight.findings(
      need: preflight.need, writes: true, structure: structure, observer: observer)
    let catalog: Catalog
    do {
      catalog = try connection.catalog(operation: context.stoppable("reading the schema"))
    } catch {
      throw BelayError(error, doing: "cannot read the schema of \(access.redactedURL)", kind: .refused)
    }
    let plan = Result { () throws(BelayError) in try change.plan(on: connection, catalog: catalog) }
    observer(.migrations, plan.map(\.findings))
    if case .success(let plan) = plan {
      findings += plan.findings
      guard !plan.isEmpty || structure else {
        return Outcome(findings: findings, catalog: catalog, plan: .success(plan))
      }
    }
    if asks, !context.interactive, !context.settings.yes {
      findings.append(
        Finding(
          .error, source: "preflight", rule: "confirmation", subject: access.redactedURL,
          message: "no terminal to ask for confirmation", hint: "check the plan with --plan, then run it with --yes"))
    }
    findings += try PreflightArea.copy.examine(observer) {
      (preflight.noScratch().map { [$0] } ?? []) + preflight.recoveryKey() + preflight.encryption()
    }
    findings += try PreflightArea.checks.examine(observer) { checks() + HookSearch(context: context).findings() }
    return Outcome(findings: findings, catalog: catalog, plan: plan)
  }

  /// The checks that run before a change, with what they find. Of the others, and of the audit, only whether they can run:
  /// what they find is for later.
  private func checks() -> [Finding] {
    let subject = CheckSubject(
      connection, backup: .newest(context.store, identity: connection.traits.identity, keys: context.keys))
    let named =
      context.settings.checks.filter { $0.when != .never }.map {
        (definition: $0, subject: "check \($0.name)", counts: $0.when == .before)
      }
      + context.settings.audit.map { (definition: $0, subject: "audit query \($0.name)", counts: false) }
    return named.flatMap { named in
      do throws(BelayError) {
        guard named.counts else { return try checkThatItRuns(named.definition) }
        return try CheckRunner(context: context, definitions: [named.definition])
          .run(on: subject, when: { _ in true }).filter { !$0.passes }.map(\.finding)
      } catch {
        return [
          Finding(
            .error, source: "preflight", rule: "broken-check", subject: named.subject,
            message: "cannot run: \(error.causes.first ?? error.message)", hint: "correct its SQL in belay.yaml")
        ]
      }
    }
  }

  /// By its plan, where the driver tells plans: the query itself may take hours.
  private func checkThatItRuns(_ definition: CheckDefinition) throws(BelayError) -> [Finding] {
    // What belay makes of a template is right, and a table that is missing may be made by the change.
    guard let sql = definition.rule.sql else { return [] }
    do {
      _ = try connection.explain(sql, operation: context.stoppable())
      return []
    } catch {
      throw BelayError(error, doing: "cannot run the check \(definition.name)", kind: .checkFailed)
    }
  }
}

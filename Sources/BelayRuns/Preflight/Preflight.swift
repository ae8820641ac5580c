import BelayBase
import BelayDatabase
import BelayDrivers
import BelayStore
import Foundation

/// Everything that can be known to be wrong before anything is done: listed all at once, each with its cure.
package struct Preflight {
  package let context: RunContext
  package let access: TargetAccess
  package let connection: Connection

  package init(context: RunContext, access: TargetAccess, connection: Connection) {
    self.context = context
    self.access = access
    self.connection = connection
  }

  /// How many times the database's size the store must have room for: the copy that is read, the restored one, and
  /// the archive.
  package enum Need: UInt64 {
    case backup = 2
    case backupAndScratch = 3
  }

  /// Of a run that backs the target up, and proves the backup as well as the driver lets it.
  package var need: Need { connection.hasScratch ? .backupAndScratch : .backup }

  /// - Parameter writes: the run is going to write to the target.
  /// - Parameter structure: run the engine's own check of the whole database. A backup is checked on the copy instead,
  ///   where it keeps nobody waiting.
  package func findings(
    need: Need, writes: Bool, structure: Bool = false, observer: PreflightArea.Observer = { _, _ in }
  ) throws(BelayError) -> [Finding] {
    var found = try PreflightArea.room.examine(observer) { disk(need) + (writes ? targetDisk() : []) }
    found += try PreflightArea.rights.examine(observer) { () throws(BelayError) in
      (writes ? readOnly() : []) + (try engine(needs(need, writes: writes)))
    }
    if structure {
      found += try PreflightArea.integrity.examine(observer) { () throws(BelayError) in try self.structure() }
    }
    return found + (try PreflightArea.sessions.examine(observer) { sessions() })
  }

  private func readOnly() -> [Finding] {
    guard connection.traits.isReadOnly else { return [] }
    return [
      error(
        "read-only", "is read-only for this user", hint: "check the permissions of the database and of its folder")
    ]
  }

  /// Throws one error that holds all that is wrong.
  package static func refuse(_ findings: [Finding], state: String) throws(BelayError) {
    let errors = findings.filter { $0.severity == .error }
    guard let first = errors.first else { return }
    guard errors.count > 1 else {
      throw BelayError(.refused, "\(first.subject): \(first.message)", hint: first.hint, state: state)
    }
    throw BelayError(
      .refused, "preflight found \(errors.count) errors", hint: "see the findings above and their hints", state: state,
      causes: errors.map { "\($0.subject): \($0.message)" })
  }

  /// What a run may need in the store, in bytes; 0: not known.
  package func storeBytes(_ need: Need) -> UInt64 {
    connection.traits.databaseBytes * need.rawValue
  }

  private func disk(_ need: Need) -> [Finding] {
    let bytes = storeBytes(need)
    guard let free = context.store.runs.freeBytes(), bytes > 0, free < bytes else { return [] }
    return [
      Finding(
        .error, source: "preflight", rule: "disk-space", subject: "store \(context.store.root)",
        message: "has \(ByteCount.text(free)) free, but this run may need \(ByteCount.text(bytes))",
        hint: "free some space, or choose another store with --store")
    ]
  }

  private func targetDisk() -> [Finding] {
    let traits = connection.traits
    guard traits.freeBytes > 0, traits.databaseBytes > 0, traits.freeBytes < traits.databaseBytes else { return [] }
    return [
      error(
        "target-disk-space",
        "has \(ByteCount.text(traits.freeBytes)) of free disk space, but a rollback may need "
          + ByteCount.text(traits.databaseBytes), hint: "free some space on the database's disk")
    ]
  }

  /// The rule of a finding that says that the database is damaged.
  package static let damageRule = "integrity"

  private func structure() throws(BelayError) -> [Finding] {
    do {
      let found = try connection.integrity(full: false, operation: context.stoppable("checking the database"))
      guard let found else {
        return [note("integrity", "this driver has no integrity check: integrity is not checked")]
      }
      var findings = found.filter(\.isDamage).prefix(10).map { finding in
        Finding(
          .error, source: "preflight", rule: Self.damageRule,
          subject: finding.object.isEmpty ? access.redactedURL : finding.object,
          message: "the database is damaged: \(finding.message)", hint: "restore a good backup first")
      }
      findings += contentFindings(found)
      let orphans = found.count { $0.check == IntegrityFinding.foreignKey }
      if orphans > 0 {
        findings.append(
          Finding(
            .warning, source: "preflight", rule: IntegrityFinding.foreignKey, subject: access.redactedURL,
            message:
              "\(orphans) row\(orphans == 1 ? " already violates a foreign key" : "s already violate foreign keys")",
            hint: "they do not make the migration fail"))
      }
      return findings
    } catch {
      throw BelayError(
        error, doing: "cannot check \(access.redactedURL)", kind: .refused, state: "the database is untouched")
    }
  }

  /// What is wrong in the data or the schema: a migration may be there to repair it.
  private func contentFindings(_ found: [IntegrityFinding]) -> [Finding] {
    var counts: [(finding: IntegrityFinding, count: Int)] = []
    for finding in found where !finding.isDamage && finding.check != IntegrityFinding.foreignKey {
      let same = counts.firstIndex { $0.finding.group == finding.group }
      if let same { counts[same].count += 1 } else { counts.append((finding, 1)) }
    }
    let more = counts.count - Self.mostContentFindings
    return counts.prefix(Self.mostContentFindings).map { finding, count in
      Finding(
        .warning, source: "preflight", rule: finding.check, subject: finding.object,
        message: finding.message + (count > 1 ? ", and \(count - 1) more of this kind" : ""),
        hint: "it does not make a migration fail, and a migration can repair it")
    }
      + (more > 0 ? [note("integrity", "there are \(more) more findings: `belay check` shows all")] : [])
  }

  private static let mostContentFindings = 10

  // MARK: What the engine knows

  private func needs(_ need: Need, writes: Bool) -> PreflightNeeds {
    var needs: PreflightNeeds = writes ? .write : []
    if context.settings.formats.contains(.native) { needs.insert(.dump) }
    if need == .backupAndScratch { needs.insert(.scratch) }
    return needs
  }

  private func engine(_ needs: PreflightNeeds) throws(BelayError) -> [Finding] {
    do {
      let found = try connection.preflight(needs, operation: context.stoppable("preflight")) ?? []
      return found.map { finding in
        Finding(
          Finding.Severity(finding.severity), source: "preflight", rule: finding.rule,
          subject: finding.subject.isEmpty ? access.redactedURL : finding.subject, message: finding.message,
          hint: finding.hint)
      }
    } catch {
      throw BelayError(
        error, doing: "cannot run the driver's preflight checks on \(access.redactedURL)", kind: .refused,
        state: "the database is untouched")
    }
  }

  /// nil: there are scratch databases. Else what a change goes without, and why.
  package func noScratch() -> Finding? {
    let without = "no rehearsal, and the backup is verified by reading only, not by restoring"
    let found: (reason: String, hint: String?)
    do {
      switch try connection.support(for: .scratch) {
      case .available: return nil
      case .absent: found = ("this driver has no scratch databases", nil)
      case .refused(let error): found = ("no scratch database can be created: \(error.message)", error.hint)
      }
    } catch {
      found = ("it is not known whether scratch databases can be created: \(error.message)", error.hint)
    }
    return Finding(
      .warning, source: "preflight", rule: "no-scratch", subject: access.redactedURL,
      message: "\(found.reason): \(without)", hint: found.hint)
  }

  private static let mostSessions = 10

  private func sessions() -> [Finding] {
    do {
      guard let sessions = try connection.sessions(operation: context.stoppable()) else { return [] }
      let others = sessions.filter { !$0.isBelay }
      let more = others.count - Self.mostSessions
      return others.prefix(Self.mostSessions).map { note("sessions", "is also in use by \($0.line)") }
        + (more > 0 ? [note("sessions", "is also in use by \(more) more")] : [])
    } catch {
      return [note("sessions", "the other sessions could not be listed: \(error.message)")]
    }
  }

  /// What no check can prove of a database, as the driver tells it. What is done all the same is done with warnings.
  package static func unchecked(_ connection: Connection, context: RunContext) throws(BelayError) -> [Finding] {
    do {
      return (try connection.preflight([], operation: context.stoppable()) ?? [])
        .filter { $0.rule == PreflightFinding.uncheckedRule }
        .map { found in
          Finding(
            Finding.Severity(found.severity), source: "preflight", rule: found.rule, subject: found.subject,
            message: found.message, hint: found.hint)
        }
    } catch {
      throw BelayError(error, doing: "cannot find out what can be checked", kind: .failed)
    }
  }

  private func error(_ rule: String, _ message: String, hint: String) -> Finding {
    Finding(.error, source: "preflight", rule: rule, subject: access.redactedURL, message: message, hint: hint)
  }

  private func note(_ rule: String, _ message: String) -> Finding {
    Finding(.note, source: "preflight", rule: rule, subject: access.redactedURL, message: message)
  }
}

import BelayBase
import BelayDatabase
import BelayDrivers
import BelayStore
import BelayText

/// `belay doctor`: looks at everything that a migration depends on, in the order in which `belay migrate` meets it, and
/// ends with what `migrate` would answer. Changes nothing, and makes nothing, not even the store's folder.
package struct Doctor {
  private let context: RunContext
  private let target: Target
  private let list: DoctorList
  private let store: StoreExamination
  private let folder: MigrationsFolder

  package init(context: RunContext, target: Target) {
    self.context = context
    self.target = target
    list = DoctorList(narrator: context.narrator)
    store = StoreExamination(store: context.store)
    folder = MigrationsFolder(path: context.settings.migrations.directory ?? "migrations")
  }

  package func run() -> RunResult {
    context.phase(.preflight, redact(url: target.url))
    let url = look()
    if let error = list.refusal { return RunResult(failure: error) }
    guard !context.cancellation.isCancelled else { return RunResult(failure: context.interruption()) }
    let summary = "\(url) can be migrated" + (list.hasWarnings ? ", with warnings" : " safely")
    return RunResult(list.warns ? .doneWithWarnings : .done, summary, output: [summary])
  }

  /// - Returns: the URL of the database, without secrets.
  private func look() -> String {
    let access = list.required(.driver) { () throws(BelayError) in
      let access = try context.access(target)
      return (access, "\(access.driver.id) \(access.driver.version), \(access.driver.path)")
    }
    list.required(.store) { () throws(BelayError) in ((), try store.place()) }
    guard let access else {
      lookWithoutDatabase(because: .driver)
      return redact(url: target.url)
    }
    defer { list.take(otherDrivers(besides: access)) }
    let opened = list.required(.connection) { () throws(BelayError) in
      let connection = try access.open(scratch: nil, operation: context.opening())
      return (connection, Self.words(access, connection))
    }
    guard let connection = opened else {
      lookWithoutDatabase(because: .connection)
      return access.redactedURL
    }
    defer { connection.close() }
    let identity = connection.traits.identity
    list.take(store.runs(of: identity))
    TargetExamination(context: context, access: access, connection: connection, folder: folder).look(list)
    list.take(
      store.backups(
        of: identity, databaseBytes: connection.traits.databaseBytes, hasScratch: connection.hasScratch))
    list.take(RepositoryExamination(context: context, target: target.name).entries())
    list.take(store.leftovers(of: identity))
    return access.redactedURL
  }

  private func lookWithoutDatabase(because failed: Diagnosis.Item) {
    list.take(store.others())
    list.take(folder.alone())
    list.leaveOut(after: failed)
  }

  private static func words(_ access: TargetAccess, _ connection: Connection) -> String {
    let traits = connection.traits
    let server = "\(traits.serverName) \(traits.serverVersion)"
    return "\(access.redactedURL), \(server), \(ByteCount.text(traits.databaseBytes))"
  }

  private func otherDrivers(besides access: TargetAccess) -> [DoctorList.Entry] {
    context.drivers.unusable(besides: access.driver.path).map {
      DoctorList.Entry(.otherDrivers, .note, "broken, but not needed for this target: \($0.message)", hint: $0.hint)
    }
  }
}

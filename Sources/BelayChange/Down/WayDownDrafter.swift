import BelayBase
import BelayDatabase
import BelayDrivers

/// Drafts the way down of a migration in the database in which it has just run: makes the schema of before again, statement
/// by statement, and keeps those that the engine takes.
struct WayDownDrafter {
  let replay: Replay
  /// The schema before the migration.
  let before: Catalog
  /// Tables that are no part of what the files make.
  let ownTables: OwnTables
  let connection: Connection
  /// What no statement brings back.
  let losses: WayDownLosses

  private var traits: Traits { connection.traits }

  func draft(of migration: String) throws(BelayError) -> DraftedWayDown {
    var draft = DraftedWayDown(migration: migration)
    var tried: Set<ObjectIdentity> = []
    // What was made last goes first; what another object takes along needs no statement.
    while let object = try next(.gone, except: tried) {
      tried.insert(object.identity)
      try remove(object, &draft)
    }
    tried = []
    while let object = try next(.back, except: tried) {
      tried.insert(object.identity)
      try bringBack(object, &draft)
    }
    let rows = losses.ofRows
    if !rows.isEmpty { draft.steps.append(DraftedStep(notes: rows.flatMap(\.notes))) }
    draft.losses += rows.map(\.subject)
    draft.differences = differences(try replay.catalog()).map(Self.line)
    return draft
  }

  // MARK: What is to be done

  private enum Way { case gone, back }

  private func differences(_ now: Catalog) -> [StateDifference] {
    ExpectedSchema(catalog: before, ownTables: ownTables).differences(now)
  }

  private func next(_ way: Way, except tried: Set<ObjectIdentity>) throws(BelayError) -> SchemaObject? {
    let now = try replay.catalog()
    let found = differences(now)
    switch way {
    case .gone:
      let places = Dictionary(
        now.objects.enumerated().map { ($1.identity, $0) }, uniquingKeysWith: { first, _ in first })
      let added = found.compactMap { if case .objectAdded(let object) = $0 { object } else { nil } }
      let owners = Set(added.filter(\.isOwner).map(\.ownerKey))
      let changed = found.compactMap { difference -> SchemaObject? in
        guard case .objectChanged(let object, _) = difference, !object.holdsRows else { return nil }
        return object
      }
      return (added.filter { !$0.goesWith(owners) } + changed).filter { !tried.contains($0.identity) }
        .max { places[$0.identity] ?? 0 < places[$1.identity] ?? 0 }
    case .back:
      // In the order that makes them.
      for difference in found {
        switch difference {
        case .objectMissing(let object) where !tried.contains(object.identity) && !object.comesWithOther(found):
          return object
        case .objectChanged(let object, let was)
        where object.kind == "column" && !tried.contains(object.identity):
          return was
        default: continue
        }
      }
      return nil
    }
  }

  // MARK: Doing it

  private func remove(_ object: SchemaObject, _ draft: inout DraftedWayDown) throws(BelayError) {
    guard let statement = object.removal(traits) else {
      draft.steps.append(DraftedStep(notes: ["Not drafted: \(object.kind) \(object.label) must go, or be as before."]))
      return
    }
    if let refusal = try attempt(statement) {
      draft.steps.append(
        DraftedStep(notes: [
          "Not undone: \(object.kind) \(object.label). The engine refuses `\(statement)`:", refusal,
        ]))
      return
    }
    draft.steps.append(DraftedStep(statements: [statement + ";"]))
  }

  private func bringBack(_ object: SchemaObject, _ draft: inout DraftedWayDown) throws(BelayError) {
    let lost = losses.of(object)
    if let lost { draft.losses.append(lost.subject) }
    let notes = lost?.notes ?? []
    let now = try replay.catalog().objects.first { $0.identity == object.identity }
    guard let statement = object.creation(now: now, traits) else {
      let was = object.definition.split(whereSeparator: \.isNewline).joined(separator: " ")
      draft.steps.append(
        DraftedStep(notes: notes + ["Not drafted: \(object.kind) \(object.label), which was: \(was)"]))
      return
    }
    if let refusal = try attempt(statement) {
      draft.steps.append(
        DraftedStep(
          notes: notes + ["Not drafted: \(object.kind) \(object.label). The engine refuses this:", refusal]
            + statement.split(whereSeparator: \.isNewline).map(String.init)))
      return
    }
    draft.steps.append(DraftedStep(notes: notes, statements: try single(statement)))
  }

  /// One by one: tools have their own ideas of where a statement ends.
  private func single(_ sql: String) throws(BelayError) -> [String] {
    do {
      return try connection.split(sql, operation: replay.context.stoppable()).map {
        let text = $0.sql.trimmed
        return text.hasSuffix(";") ? text : text + ";"
      }
    } catch {
      throw BelayError(error, doing: "cannot read a drafted statement", kind: .failed, state: replay.state)
    }
  }

  /// - Returns: what the engine says against it; nil: it has run.
  private func attempt(_ sql: String) throws(BelayError) -> String? {
    try replay.context.checkCancelled()
    let operation = replay.context.stoppable()
    let isTransaction = traits.hasTransactions && traits.hasTransactionalDDL
    do {
      if isTransaction { _ = try connection.execute(traits.begin, operation: operation) }
      _ = try connection.execute(sql, operation: operation)
      if isTransaction { _ = try connection.execute(traits.commit, operation: operation) }
      return nil
    } catch {
      if replay.context.cancellation.isCancelled { throw replay.context.interruption().with(state: replay.state) }
      if isTransaction {
        do { _ = try connection.execute(traits.rollback, operation: replay.context.unstoppable()) } catch {
          // Some engines have ended the transaction by themselves.
          replay.context.log(.debug, "after a refused statement: \(error.message)")
        }
      }
      return error.message.split(whereSeparator: \.isNewline).joined(separator: " ")
    }
  }

  private static func line(_ difference: StateDifference) -> String {
    switch difference {
    case .objectAdded(let object): "\(object.kind) \(object.label) is there, and was not"
    case .objectMissing(let object): "\(object.kind) \(object.label) is missing"
    case .objectChanged(let object, _): "\(object.kind) \(object.label) has another definition"
    case .rows: difference.description
    }
  }
}

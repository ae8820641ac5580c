import BelayBase
import BelayDatabase
import BelayDrivers

/// Runs files in an empty database beside the target, to see which schema they make.
struct Replay {
  let scratch: Scratch
  let context: RunContext
  /// How the folder's tool has its files read.
  let rules: FileReading.Rules
  /// Where the target is, for messages: "sqlite:shop.db is untouched".
  let state: String
  /// Why the files must be able to run there, for the hint.
  let purpose: String

  /// - Returns: the files as they were read, each against the schema that those before it have made.
  @discardableResult
  func run(_ files: [MigrationFile]) throws(BelayError) -> [PlannedFile] {
    let planned = try read(files)
    for (index, file) in planned.enumerated() {
      try context.checkCancelled()
      context.narrator.tell(
        .progress(
          ProgressUpdate(
            what: "running the files in an empty database", done: UInt64(index), total: UInt64(planned.count),
            unit: .steps)))
      // Each in a session of its own, as on the target.
      let connection = try scratch.open(operation: context.opening())
      defer { connection.close() }
      try run(file, on: connection)
    }
    return planned
  }

  func catalog() throws(BelayError) -> Catalog {
    let connection = try scratch.open(operation: context.opening())
    defer { connection.close() }
    return try catalog(connection)
  }

  private func read(_ files: [MigrationFile]) throws(BelayError) -> [PlannedFile] {
    let connection = try scratch.open(operation: context.opening())
    defer { connection.close() }
    let (planned, findings) = try FileReading(connection: connection, context: context, rules: rules)
      .planned(files, catalog: try catalog(connection))
    // What reaches beyond a database reaches beyond an empty one too.
    if let error = findings.first(where: { $0.severity == .error }) {
      throw BelayError(
        .refused, "the files cannot be run in an empty database: \(error.subject): \(error.message)", hint: error.hint,
        state: state)
    }
    return planned
  }

  private func run(_ file: PlannedFile, on connection: Connection) throws(BelayError) {
    let operation = context.stoppable()
    let traits = connection.traits
    let isTransaction = file.transactional && traits.hasTransactions
    var place = file.file.name
    do {
      for statement in file.opening { _ = try connection.execute(statement.sql, operation: operation) }
      if isTransaction { _ = try connection.execute(traits.begin, operation: operation) }
      for statement in file.statements {
        place = "\(file.file.name), line \(statement.line)"
        _ = try connection.execute(statement.sql, operation: operation)
      }
      if isTransaction { _ = try connection.execute(traits.commit, operation: operation) }
    } catch {
      if context.cancellation.isCancelled { throw context.interruption().with(state: state) }
      throw BelayError(
        .refused, "\(place) cannot be run in an empty database: \(error.message)",
        hint: "the files must make the schema from nothing, for only then \(purpose)", state: state)
    }
  }

  private func catalog(_ connection: Connection) throws(BelayError) -> Catalog {
    do {
      return try connection.catalog(operation: context.stoppable("reading the schema"))
    } catch {
      throw BelayError(error, doing: "cannot read the schema", kind: .refused, state: state)
    }
  }
}

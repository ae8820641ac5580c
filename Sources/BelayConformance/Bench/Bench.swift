import BelayDrivers
import CBelayDriver

/// What a rule works with: the driver, and databases of its own.
final class Bench {
  let job: RuleJob
  let operation = BelayDrivers.Operation()
  private let announce: (String) -> Void
  private let trace: CallTrace?
  private var loaded: Driver?

  /// announce: called with the name of each database before it is created, so that it can be removed after a crash.
  init(_ job: RuleJob, trace: CallTrace?, announce: @escaping (String) -> Void) {
    self.job = job
    self.trace = trace
    self.announce = announce
  }

  var specimen: Specimen { job.specimen }

  /// Loaded when it is first used: rules about loading do that in their own way.
  func driver() throws -> Driver {
    if let loaded { return loaded }
    let driver = try job.load(trace: trace)
    loaded = driver
    return driver
  }

  /// For rules about an extension: skips the rule unless the driver has it and it can be used here.
  func needs(_ id: DriverExtension) throws {
    let driver = try driver()
    guard driver.extensionIDs.contains(id.rawValue) else { throw Skip("the driver does not have \(id.rawValue)") }
    let connection = try create("probe")
    if case .refused(let error) = try connection.support(for: id, operation: operation) {
      throw Skip("\(id.rawValue) is refused here: \(error.message)")
    }
  }

  /// For rules that create tables.
  func needsTables() throws(Skip) {
    if !specimen.makesTables { throw Skip("the specimen does not say how to create tables") }
  }

  /// For rules about transactions.
  func needsTransactions(_ connection: Connection) throws(Skip) {
    if !connection.traits.hasTransactions { throw Skip("the traits do not claim transactions") }
  }

  // MARK: Databases

  /// The name of one of the rule's databases.
  func name(_ label: String) -> String { "\(job.prefix)_\(label)" }

  func url(_ label: String = "app") -> String { job.url.url(name(label)) }

  private var options: [DriverOption] { job.driverOptions }

  /// Opens a database that exists.
  func open(_ label: String = "app", options more: [DriverOption] = []) throws -> Connection {
    let connection = try driver().open(url(label), options: options + more, operation: operation)
    // A driver may break the rules and create a missing database.
    announce(name(label))
    return connection
  }

  /// Opens a database by its URL, e.g. a scratch database.
  func open(url: String) throws -> Connection { try driver().open(url, options: options, operation: operation) }

  /// Creates an empty database.
  func create(_ label: String = "app") throws -> Connection {
    announce(name(label))
    return try driver().open(url(label), options: options + [.create], operation: operation)
  }

  /// Creates a database with the specimen's table and rows.
  func fill(_ label: String = "app", rows: [[Value]]? = nil) throws -> Connection {
    let connection = try create(label)
    try makeTable(connection)
    try insert(rows ?? specimen.cells, into: connection)
    return connection
  }

  /// Creates a database with everything in the specimen.
  func fillWholly(_ label: String = "app") throws -> Connection {
    let connection = try fill(label)
    for statement in specimen.schema { try connection.execute(statement, operation: operation) }
    return connection
  }

  func makeTable(_ connection: Connection) throws {
    for statement in specimen.setup {
      let sql = statement.replacing("{table}", with: connection.traits.quoted(specimen.table))
        .replacing("{text}", with: specimen.columnType("text") ?? "TEXT")
      try connection.execute(sql, operation: operation)
    }
  }

  /// A database of this name is about to be created, in another way than by the driver.
  func reserve(_ label: String) { announce(name(label)) }

  // MARK: Rows

  /// The specimen's table as the catalog describes it, with the declared columns.
  func table(_ connection: Connection) throws -> CatalogTable {
    guard
      var table = try connection.catalog(operation: operation).tables.first(where: { $0.name == specimen.table })
    else { throw Broken("the catalog has no table \(specimen.table)") }
    table.columns.removeAll { $0.flags.contains(.implicit) }
    try expect(table.storedColumns.count == 2, "in the catalog, \(specimen.table) does not have its two columns")
    return table
  }

  func insertion(_ table: CatalogTable, _ connection: Connection) -> String {
    table.insertStatement(connection.traits)
  }

  func selection(_ table: CatalogTable, _ connection: Connection) -> String {
    table.selectStatement(connection.traits)
  }

  func selection(_ connection: Connection) throws -> String { selection(try table(connection), connection) }

  func insert(_ rows: [[Value]], into connection: Connection) throws {
    // In one transaction: otherwise an engine may wait for the disk after each row.
    let together = rows.count > 100 && connection.traits.hasTransactions
    if together { try connection.execute(connection.traits.begin, operation: operation) }
    try connection.execute(insertion(table(connection), connection), rows: rows, operation: operation)
    if together { try connection.execute(connection.traits.commit, operation: operation) }
  }

  /// The rows of the specimen's table, as a set, because their order is not defined.
  func rows(_ connection: Connection) throws -> Set<[Value]> {
    Set(try connection.values(selection(connection), operation: operation))
  }

  /// Requires that the specimen's table contains exactly these rows. when: such as "after the failure".
  func expectRows(_ rows: [[Value]], _ connection: Connection, _ when: String) throws {
    let found = try self.rows(connection)
    guard found != Set(rows) else { return }
    let (missing, odd) = (Set(rows).subtracting(found), found.subtracting(rows))
    let example = missing.first.map { "missing: \($0.shown)" } ?? odd.first.map { "unexpected: \($0.shown)" } ?? ""
    throw Broken(
      "\(when), the table has other rows than expected: \(missing.count) missing, \(odd.count) unexpected; \(example)"
    )
  }

  /// Many rows with different keys. bytes: the minimum size of each row's value.
  static func many(_ count: Int, bytes: Int = 0) -> [[Value]] {
    let filler = String(repeating: "x", count: bytes)
    return (0..<count).map { [.text("key \($0)"), .text("value \($0)" + filler)] }
  }
}

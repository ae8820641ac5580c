import BelayDrivers
import CBelayDriver

/// One rule at work: the driver, and databases of the rule's own.
final class Bench {
  let job: RuleJob
  let operation = BelayDrivers.Operation()
  private let announce: (String) -> Void
  private var loaded: Driver?

  /// announce: told the name of each database before it is made, so that it can be removed after a crash.
  init(_ job: RuleJob, announce: @escaping (String) -> Void) {
    self.job = job
    self.announce = announce
  }

  var specimen: Specimen { job.specimen }

  /// Loads it when first asked: rules about loading do that in their own way.
  func driver() throws -> Driver {
    if let loaded { return loaded }
    let driver = try job.load()
    loaded = driver
    return driver
  }

  /// For rules on an extension: the driver has it, and it can be used here.
  func needs(_ id: DriverExtension) throws {
    let driver = try driver()
    guard driver.extensionIDs.contains(id.rawValue) else { throw Skip("the driver does not have \(id.rawValue)") }
    let connection = try create("probe")
    if case .refused(let error) = try connection.support(for: id, operation: operation) {
      throw Skip("\(id.rawValue) is refused here: \(error.message)")
    }
  }

  /// For rules that make tables.
  func needsTables() throws(Skip) {
    if !specimen.makesTables { throw Skip("the specimen makes no tables") }
  }

  /// For rules on transactions.
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
    // A driver may have made what was missing, against the rules.
    announce(name(label))
    return connection
  }

  /// Opens one that is known by its URL alone: a scratch database.
  func open(url: String) throws -> Connection { try driver().open(url, options: options, operation: operation) }

  /// Makes an empty database.
  func create(_ label: String = "app") throws -> Connection {
    announce(name(label))
    return try driver().open(url(label), options: options + [.create], operation: operation)
  }

  /// Makes a database with the specimen's table, and rows in it.
  func fill(_ label: String = "app", rows: [[Value]]? = nil) throws -> Connection {
    let connection = try create(label)
    try makeTable(connection)
    try insert(rows ?? specimen.cells, into: connection)
    return connection
  }

  /// Makes a database with everything that the specimen has.
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

  // MARK: Rows

  /// The specimen's table as the catalog has it, with the columns that it declares.
  func table(_ connection: Connection) throws -> CatalogTable {
    guard
      var table = try connection.catalog(operation: operation).tables.first(where: { $0.name == specimen.table })
    else { throw Broken("the catalog has no table \(specimen.table)") }
    table.columns.removeAll { $0.flags.contains(.implicit) }
    try expect(table.storedColumns.count == 2, "the catalog gives \(specimen.table) other columns than its two")
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
    // Many rows in one transaction: else an engine may wait for the disk after each.
    let together = rows.count > 100 && connection.traits.hasTransactions
    if together { try connection.execute(connection.traits.begin, operation: operation) }
    try connection.execute(insertion(table(connection), connection), rows: rows, operation: operation)
    if together { try connection.execute(connection.traits.commit, operation: operation) }
  }

  /// The rows of the specimen's table, as a set: no order is promised.
  func rows(_ connection: Connection) throws -> Set<[Value]> {
    Set(try connection.values(selection(connection), operation: operation))
  }

  /// The specimen's table holds exactly these rows. when: as in "after the failure".
  func expectRows(_ rows: [[Value]], _ connection: Connection, _ when: String) throws {
    let found = try self.rows(connection)
    guard found != Set(rows) else { return }
    let (missing, odd) = (Set(rows).subtracting(found), found.subtracting(rows))
    let example = missing.first.map { "missing: \($0.shown)" } ?? odd.first.map { "too much: \($0.shown)" } ?? ""
    throw Broken(
      "\(when), the table holds other rows than it should: \(missing.count) missing, \(odd.count) too many; \(example)")
  }

  /// Many rows with different keys. bytes: of each row's value, at least.
  static func many(_ count: Int, bytes: Int = 0) -> [[Value]] {
    let filler = String(repeating: "x", count: bytes)
    return (0..<count).map { [.text("key \($0)"), .text("value \($0)" + filler)] }
  }
}

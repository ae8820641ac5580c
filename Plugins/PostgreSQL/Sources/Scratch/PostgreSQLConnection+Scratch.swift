import BelayDriverKit
import CPostgreSQL

extension PostgreSQLConnection: ScratchMaking {
  func createScratch(_ name: String, operation: Operation) throws(DriverFailure) -> String {
    try refuseTransaction("creating a scratch database")
    let target = try targetName(operation)
    let scratch = try ScratchName(name, of: target).database
    try probeScratch(operation)
    let creation = try ScratchCreation(scratch, of: target, link, operation)
    let server = try connectForMaintenance(operation)
    defer { server.close() }
    do throws(DriverFailure) {
      _ = try server.perform(creation.create, operation: operation)
    } catch  where error.sqlState == "42P04" {
      throw DriverFailure(.constraint, "the scratch database \(scratch) already exists", sqlState: error.sqlState)
    }
    do throws(DriverFailure) {
      for statement in [creation.mark] + creation.secrets { try server.run(statement, operation: operation) }
    } catch {
      // The first failure is the one to report; the host finds by its name what is left.
      do throws(DriverFailure) { try server.tidy("DROP DATABASE IF EXISTS \(SQLQuote.name(scratch))") } catch {}
      throw error
    }
    return parameters.with(database: scratch).url
  }

  func locateScratch(_ name: String, operation: Operation) throws(DriverFailure) -> String {
    parameters.with(database: try ScratchName(name, of: try targetName(operation)).database).url
  }

  func dropScratch(_ url: String, operation: Operation) throws(DriverFailure) {
    try refuseTransaction("dropping a scratch database")
    let scratch = try scratchName(url, try targetName(operation))
    let server = try connectForMaintenance(operation)
    defer { server.close() }
    // Suppresses the notice that it does not exist.
    try server.run("SET client_min_messages = warning", operation: operation)
    // What was the target before a swap may have been a template.
    let template =
      "SELECT FROM pg_catalog.pg_database WHERE datistemplate AND datname = \(SQLLiteral.quoted(scratch))"
    if try !server.run(template, operation: operation).rows.isEmpty {
      try server.run("ALTER DATABASE \(SQLQuote.name(scratch)) IS_TEMPLATE false", operation: operation)
    }
    try dropSubscriptions(of: scratch, server, operation)
    _ = try server.perform("DROP DATABASE IF EXISTS \(SQLQuote.name(scratch)) WITH (FORCE)", operation: operation)
  }

  /// A restored copy of a database that subscribes has the subscription too, and no database that has one can be dropped.
  /// It is detached first: the slot on the publisher is the target's.
  private func dropSubscriptions(
    of scratch: String, _ server: Link, _ operation: Operation
  ) throws(DriverFailure) {
    let subscriptions = try server.run(
      """
      SELECT s.subname, s.subenabled FROM pg_catalog.pg_subscription s
      WHERE s.subdbid = (SELECT oid FROM pg_catalog.pg_database WHERE datname = \(SQLLiteral.quoted(scratch)))
      ORDER BY 1
      """, operation: operation
    ).rows
    guard !subscriptions.isEmpty else { return }
    let copy = try connect(to: scratch, operation)
    defer { copy.close() }
    for row in subscriptions {
      let name = SQLQuote.name(row[0] ?? "")
      if row[1] == "t" { try copy.run("ALTER SUBSCRIPTION \(name) DISABLE", operation: operation) }
      try copy.run("ALTER SUBSCRIPTION \(name) SET (slot_name = NONE)", operation: operation)
      try copy.run("DROP SUBSCRIPTION IF EXISTS \(name)", operation: operation)
    }
  }

  func promoteScratch(_ url: String, operation: Operation) throws(DriverFailure) {
    try refuseTransaction("promoting a scratch database")
    guard !settings.isReadOnly else { throw DriverFailure(.denied, "the database is opened read-only") }
    try probeScratch(operation)
    let target = try targetName(operation)
    let scratch = try scratchName(url, target)
    var promotion = try Promotion(self, target: target, scratch: scratch, operation)
    try promotion.check()
    closeLinks()
    var failure: DriverFailure?
    do throws(DriverFailure) {
      try promotion.swap()
    } catch {
      failure = error
    }
    do throws(DriverFailure) {
      try reopen(operation)
    } catch {
      // The state of the database matters more than that it could not be opened again.
      if let failure { throw failure }
      throw DriverFailure(
        error.code, "the scratch database is in place, but could not be opened: \(error.message)", hint: error.hint,
        outcome: .applied, sqlState: error.sqlState)
    }
    if let failure { throw failure }
  }

  /// Whether this role can create databases here, and replace this one with another.
  func probeScratch(_ operation: Operation) throws(DriverFailure) {
    guard !settings.isReadOnly else { throw DriverFailure(.denied, "the database is opened read-only") }
    let reply = try link.run(
      """
      SELECT r.rolsuper OR r.rolcreatedb, pg_catalog.pg_has_role(r.oid, d.datdba, 'USAGE'), r.rolname, d.datname,
        pg_catalog.pg_get_userbyid(d.datdba), pg_catalog.pg_is_in_recovery()
      FROM pg_catalog.pg_roles r, pg_catalog.pg_database d
      WHERE r.rolname = current_user AND d.datname = pg_catalog.current_database()
      """, operation: operation)
    guard let row = reply.rows.first else { return }
    let (role, database) = (row[2] ?? "", row[3] ?? "")
    if row[5] == "t" {
      throw DriverFailure(.unsupported, "the server is a standby, on which no database can be created")
    }
    if row[0] != "t" {
      throw DriverFailure(
        .denied, "role \(role) may not create databases, so there can be no scratch copy",
        hint: "type in psql, as a superuser: ALTER ROLE \(SQLQuote.name(role)) CREATEDB;")
    }
    if row[1] != "t" {
      throw DriverFailure(
        .denied, "role \(role) does not own database \(database), so a scratch copy cannot be put in its place",
        hint: "use the owner \(row[4] ?? ""), or type in psql: "
          + "ALTER DATABASE \(SQLQuote.name(database)) OWNER TO \(SQLQuote.name(role));")
    }
  }

  /// This database's name; libpq uses the user's name if the URL has none.
  private func targetName(_ operation: Operation) throws(DriverFailure) -> String {
    if let name = parameters["dbname"] { return name }
    return try link.run("SELECT pg_catalog.current_database()", operation: operation).value ?? ""
  }

  private func scratchName(_ url: String, _ target: String) throws(DriverFailure) -> String {
    let scratch = try ConnectionParameters(url: url)
    return try ScratchName(existing: scratch["dbname"] ?? "", of: target).database
  }
}

import BelayDriverKit
import CPostgreSQL

extension PostgreSQLConnection {
  /// Connects, and prepares the session for belay's work.
  /// - Parameter isFirst: whether sessions are shared with others, as a pooler may do, is not known yet.
  static func connect(
    _ parameters: ConnectionParameters, _ settings: Settings, _ stopFlag: StopFlag, _ operation: Operation,
    isFirst: Bool = false
  ) throws(DriverFailure) -> Link {
    let link = try Link(parameters, stopFlag: stopFlag, operation)
    // Before anything is set: it would stay in a session that others get next.
    if isFirst { try SharedSession.refuse(link, parameters, stopFlag, operation) }
    link.opening = sessionSettings(link, settings)
    try link.run(link.opening, operation: operation)
    if PQserverVersion(link.handle) >= 140000 {
      let checking = "SET client_connection_check_interval = '2s'"
      do throws(DriverFailure) {
        // If the client is killed, the server soon releases its locks instead of finishing the statement first.
        try link.run(checking, operation: operation)
        link.opening += "; " + checking
      } catch {
        // Not every operating system supports this.
        if error.code != .sql { throw error }
      }
    }
    return link
  }

  /// Overrides settings that the role or the database may have for ordinary clients, and that would end a backup or a
  /// migration: only the operation decides how long something may take. Nothing here changes what a statement means:
  /// time zone, search path and the like stay as the user has set them.
  private static func sessionSettings(_ link: Link, _ settings: Settings) -> String {
    var lines = [
      "SET statement_timeout = 0", "SET idle_in_transaction_session_timeout = 0",
      "SET lock_timeout = \(settings.lockTimeoutMilliseconds)",
    ]
    let version = PQserverVersion(link.handle)
    if version >= 140000 { lines.append("SET idle_session_timeout = 0") }
    if version >= 170000 { lines.append("SET transaction_timeout = 0") }
    // Only a superuser may set this; other roles get messages in the server's language.
    if link.reported("is_superuser") == "on" { lines.append("SET lc_messages = 'C'") }
    lines.append("SET client_encoding = '\(link.textEncoding)'")
    if settings.isReadOnly { lines.append("SET default_transaction_read_only = on") }
    return lines.joined(separator: "; ")
  }

  /// Creates the database if it does not exist; fails if it exists and is not empty.
  static func create(
    _ parameters: ConnectionParameters, _ settings: Settings, _ stopFlag: StopFlag, _ operation: Operation
  ) throws(DriverFailure) -> Link {
    do throws(DriverFailure) {
      let link = try connect(parameters, settings, stopFlag, operation, isFirst: true)
      try refuseContent(link, operation)
      return link
    } catch {
      guard error.sqlState == "3D000" else { throw error }
      let server = try connectForMaintenance(parameters, settings, stopFlag, operation)
      // Without a name libpq uses the user's name.
      var name = parameters["dbname"]
      if name == nil { name = try server.run("SELECT current_user", operation: operation).value }
      guard let name else { throw error }
      // template0: the database must not contain anything that a dump contains too.
      _ = try server.perform("CREATE DATABASE \(SQLQuote.name(name)) TEMPLATE template0", operation: operation)
      return try connect(parameters, settings, stopFlag, operation)
    }
  }

  /// Connects to the database that the option names, or to the first one that accepts us of those that every server
  /// has.
  static func connectForMaintenance(
    _ parameters: ConnectionParameters, _ settings: Settings, _ stopFlag: StopFlag, _ operation: Operation
  ) throws(DriverFailure) -> Link {
    var names = ["postgres", "template1"]
    if let named = settings.maintenanceDatabase { names = [named] }
    // Never the one that is to be created, renamed or dropped.
    names.removeAll { $0 == parameters["dbname"] && settings.maintenanceDatabase == nil }
    var failure = DriverFailure(.notFound, "there is no maintenance database to connect to")
    for name in names {
      do throws(DriverFailure) {
        return try connect(parameters.with(database: name), settings, stopFlag, operation)
      } catch {
        guard [.notFound, .auth, .denied].contains(error.code) else { throw error }
        failure = error
      }
    }
    failure.hint = "set the driver option maintenance_db to a database that this role may connect to"
    throw failure
  }

  private static func refuseContent(_ link: Link, _ operation: Operation) throws(DriverFailure) {
    // Objects that initdb makes have lower numbers.
    let sources = ["pg_class", "pg_proc", "pg_type", "pg_namespace", "pg_extension", "pg_operator", "pg_event_trigger"]
    let counts = sources.map { "SELECT FROM pg_catalog.\($0) WHERE oid >= 16384" }
    let all = (counts + ["SELECT FROM pg_catalog.pg_largeobject_metadata"]).joined(separator: " UNION ALL ")
    let reply = try link.run("SELECT EXISTS (\(all)), current_database()", operation: operation)
    guard reply.isTrue else { return }
    let name = (reply.rows.first?.last ?? nil) ?? ""
    throw DriverFailure(
      .constraint, "database \(name) exists and is not empty",
      hint: "name a database that does not exist yet, or drop this one if it is not needed")
  }
}

import BelayDriverKit
import CPostgreSQL

extension PostgreSQLConnection {
  /// Connects, and makes the session one that belay can work in.
  static func connect(
    _ parameters: ConnectionParameters, _ settings: Settings, _ stopFlag: StopFlag, _ operation: Operation
  ) throws(DriverFailure) -> Link {
    let link = try Link(parameters, stopFlag: stopFlag, operation)
    try link.run(sessionSettings(link, settings), operation: operation)
    if PQserverVersion(link.handle) >= 140000 {
      do throws(DriverFailure) {
        // A server whose client was killed gives its locks back soon, and not after the statement.
        try link.run("SET client_connection_check_interval = '2s'", operation: operation)
      } catch {
        // Not every server's operating system can tell.
        if error.code != .sql { throw error }
      }
    }
    return link
  }

  /// What the role or the database may have set for ordinary clients, and would end a backup or a migration: how long
  /// something may take is the operation's to say. Nothing here changes what a statement means: time zone, search path and
  /// the like stay as the user has them.
  private static func sessionSettings(_ link: Link, _ settings: Settings) -> String {
    var lines = [
      "SET statement_timeout = 0", "SET idle_in_transaction_session_timeout = 0",
      "SET lock_timeout = \(settings.lockTimeoutMilliseconds)",
    ]
    let version = PQserverVersion(link.handle)
    if version >= 140000 { lines.append("SET idle_session_timeout = 0") }
    if version >= 170000 { lines.append("SET transaction_timeout = 0") }
    // Only a superuser may; others read the server's messages in its own language.
    if link.reported("is_superuser") == "on" { lines.append("SET lc_messages = 'C'") }
    lines.append("SET client_encoding = '\(link.textEncoding)'")
    if settings.isReadOnly { lines.append("SET default_transaction_read_only = on") }
    return lines.joined(separator: "; ")
  }

  /// Makes the database where it does not exist, and fails where it exists and is not empty.
  static func create(
    _ parameters: ConnectionParameters, _ settings: Settings, _ stopFlag: StopFlag, _ operation: Operation
  ) throws(DriverFailure) -> Link {
    do throws(DriverFailure) {
      let link = try connect(parameters, settings, stopFlag, operation)
      try refuseContent(link, operation)
      return link
    } catch {
      guard error.sqlState == "3D000" else { throw error }
      let server = try connectForMaintenance(parameters, settings, stopFlag, operation)
      // Without a name libpq takes the user's.
      var name = parameters["dbname"]
      if name == nil { name = try server.run("SELECT current_user", operation: operation).value }
      guard let name else { throw error }
      // template0: what a dump holds must not be there already.
      _ = try server.perform("CREATE DATABASE \(SQLQuote.name(name)) TEMPLATE template0", operation: operation)
      return try connect(parameters, settings, stopFlag, operation)
    }
  }

  /// The first that lets us in of the databases that every server has, or the one that the option names.
  static func connectForMaintenance(
    _ parameters: ConnectionParameters, _ settings: Settings, _ stopFlag: StopFlag, _ operation: Operation
  ) throws(DriverFailure) -> Link {
    var names = ["postgres", "template1"]
    if let named = settings.maintenanceDatabase { names = [named] }
    // Never the one that is to be made, renamed or dropped.
    names.removeAll { $0 == parameters["dbname"] && settings.maintenanceDatabase == nil }
    var failure = DriverFailure(.notFound, "there is no database from which others are made")
    for name in names {
      do throws(DriverFailure) {
        return try connect(parameters.with(database: name), settings, stopFlag, operation)
      } catch {
        guard [.notFound, .auth, .denied].contains(error.code) else { throw error }
        failure = error
      }
    }
    failure.hint = "name a database that this role may connect to, with the option maintenance_db"
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
      hint: "choose another name, or open it without create")
  }
}

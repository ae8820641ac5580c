import BelayDriverKit
import CPostgreSQL
import Glibc

/// Makes a database equal to a dump.
struct Restore {
  private let connection: PostgreSQLConnection
  /// The dump; removed with this object.
  private let file: PrivateFile
  private let operation: Operation
  private let launcher: ToolLauncher
  private var list: DumpList

  init(
    _ connection: PostgreSQLConnection, _ file: PrivateFile, _ head: DumpHead, _ operation: Operation
  ) throws(DriverFailure) {
    self.connection = connection
    self.operation = operation
    self.file = file
    launcher = try ToolLauncher(connection, dump: head, operation)
    list = try DumpList(launcher, file.path)
  }

  private var path: String { file.path }

  private var link: Link { connection.link }
  private var server: Int32 { PQserverVersion(link.handle) }
  private var isNewer: Bool { launcher.tools.version > Int(server) / 10000 }

  mutating func run() throws(DriverFailure) {
    try refuseSubscriptions()
    let wholly = Clearing(kept: [], needsPublic: list.namesPublic, server: server)
    // An empty database can be loaded over several connections. A newer pg_restore sends settings that an older server
    // does not know.
    if isNewer {
      try replace()
    } else if try statements(wholly.queries).isEmpty {
      try fill(wholly)
    } else {
      let installed = try launcher.extensions(of: list, path, in: connection.scratchFolder)
      let clearing = Clearing(kept: installed, needsPublic: list.namesPublic, server: server)
      // Extensions of the right version may be there already.
      if !installed.isEmpty, try statements(clearing.contentQueries).isEmpty {
        try leaveOutWhatStays(installed)
        try empty(clearing)
        try fill(clearing)
      } else {
        try replace()
      }
    }
    analyze()
  }

  /// Without statistics the first plans would be bad, and useless for a rehearsal. Tables that somebody has locked, or
  /// that belong to other roles, are left to autovacuum.
  private func analyze() {
    do throws(DriverFailure) {
      let former = try link.run("SHOW client_min_messages", operation: operation).value ?? "notice"
      try link.run("SET client_min_messages = error", operation: operation)
      try link.run("ANALYZE (SKIP_LOCKED)", operation: operation)
      try link.run("SET client_min_messages = \(SQLLiteral.quoted(former))", operation: operation)
    } catch {
      operation.log(.warning, "the database is restored, but ANALYZE failed: \(error.message)")
    }
  }

  private func refuseSubscriptions() throws(DriverFailure) {
    let reply = try link.run(
      """
      SELECT subname FROM pg_catalog.pg_subscription WHERE subdbid =
        (SELECT oid FROM pg_catalog.pg_database WHERE datname = pg_catalog.current_database()) ORDER BY 1
      """, operation: operation)
    let names = reply.rows.compactMap { $0.first ?? nil }
    guard let first = names.first else { return }
    throw DriverFailure(
      .unsupported,
      "the database has subscriptions, which no transaction can restore: \(names.joined(separator: ", "))",
      hint: "type in psql: DROP SUBSCRIPTION \(SQLQuote.name(first)); and create it again afterwards")
  }

  /// The statements that the queries return now.
  private func statements(_ queries: [String]) throws(DriverFailure) -> [String] {
    var all: [String] = []
    for query in queries {
      all += try link.run(query, operation: operation).rows.compactMap { $0.first ?? nil }
    }
    return all
  }

  // MARK: Into an empty database

  private func fill(_ clearing: Clearing) throws(DriverFailure) {
    let filling = Filling(
      launcher: launcher, link: link, path: path, list: list, folder: connection.scratchFolder, operation: operation)
    do throws(DriverFailure) {
      do throws(DriverFailure) {
        try filling.inParallel()
      } catch  where error.mayBeOfOrder {
        operation.log(.info, "the dump is loaded again, in order: \(error.message)")
        try endSessions()
        try empty(clearing)
        try filling.inOrder()
      }
    } catch {
      var failure = try explained(error)
      do throws(DriverFailure) {
        try endSessions()
        try empty(clearing)
      } catch let second {
        failure.outcome = .partial
        failure.message += "; and the database could not be emptied again: \(second.message)"
      }
      throw failure
    }
  }

  /// Removes what a failed restore has left.
  private func empty(_ clearing: Clearing) throws(DriverFailure) {
    try link.tidy("BEGIN")
    do throws(DriverFailure) {
      for query in clearing.queries {
        for row in try link.quietly(query).rows { if let statement = row.first ?? nil { try link.tidy(statement) } }
      }
      try link.tidy("COMMIT")
    } catch {
      // The first failure is the one to report.
      if !link.isLost { try link.tidy("ROLLBACK") }
      throw error
    }
  }

  // MARK: Into one that is not empty

  private mutating func replace() throws(DriverFailure) {
    let installed = try launcher.extensions(of: list, path, in: connection.scratchFolder)
    try leaveOutWhatStays(installed)
    list.moveEventTriggersToEnd()
    let chosen = try PrivateFile(in: connection.scratchFolder, prefix: "belay-list")
    defer { withExtendedLifetime(chosen) {} }
    try chosen.write(list.text)
    let restore = try launcher.start(
      "pg_restore", ["--single-transaction", "--use-list=\(chosen.path)", "--file=-", path])
    defer { restore.end() }
    let psql = try launcher.startConnected(
      "psql", ["--no-psqlrc", "--quiet", "--no-align", "--tuples-only", "--set=ON_ERROR_STOP=1", "--file=-"])
    defer { psql.end() }
    let clearing = Clearing(kept: installed, needsPublic: list.namesPublic, server: server)
    var script = InPlaceScript(
      clearing, lockTimeout: connection.settings.lockTimeoutMilliseconds, isNewer: isNewer)
    let operation = operation
    do throws(DriverFailure) {
      let ending = try script.run(restore: restore, psql: psql) {
        operation.progress($0, of: 0, "restoring in place")
      }
      guard let ending else { throw ToolFailure.ofReading(restore, try restore.finish()) }
      if ending == .exited(0), script.sentCommit { return }
      throw ToolFailure.describe(psql, ending)
    } catch {
      restore.end()
      psql.end()
      let failure = try settled(error, sentCommit: script.sentCommit, transaction: psql.answer)
      // Only the reply was lost.
      if failure.outcome == .applied { return }
      throw failure
    }
  }

  /// Once the COMMIT was sent, only the server knows whether the restore took effect.
  private func settled(
    _ error: DriverFailure, sentCommit: Bool, transaction: String
  ) throws(DriverFailure) -> DriverFailure {
    var failure = error
    do throws(DriverFailure) {
      try endSessions()
      if sentCommit {
        let number = transaction.prefix { $0 >= "0" && $0 <= "9" }
        let state = number.isEmpty ? nil : try link.quietly("SELECT pg_catalog.pg_xact_status('\(number)')").value
        failure.outcome = state == "committed" ? .applied : state == "aborted" ? .notApplied : .unknown
      }
      if failure.code == .busy, failure.sqlState == "55P03" {
        let holders = LockHolders(link, onlyExclusive: false, operation).words
        failure.message =
          "another session holds a lock on an object that is to be replaced: \(holders ?? failure.message)"
        failure.hint = "wait for it to end, or end it"
      }
      return try explained(failure)
    } catch {
      // Without the COMMIT the server rolls back, whether it can be reached or not.
      failure.outcome = sentCommit ? .unknown : .notApplied
      return failure
    }
  }

  /// Entries of the dump for what is kept: extensions, their schemas, and what this role may not change.
  private mutating func leaveOutWhatStays(_ installed: [DumpedExtension]) throws(DriverFailure) {
    let list = (installed.map { ($0.name, $0.schema) } + [("", "")]).map {
      "(\(SQLLiteral.quoted($0.0)), \(SQLLiteral.quoted($0.1)))"
    }
    let reply = try link.run(
      """
      SELECT 'extension', e.extname, pg_catalog.pg_has_role(e.extowner, 'USAGE')
      FROM pg_catalog.pg_extension e JOIN pg_catalog.pg_namespace n ON n.oid = e.extnamespace
      WHERE (e.extname::text, n.nspname::text) IN (\(list.joined(separator: ", ")))
      UNION ALL SELECT 'schema', n.nspname, pg_catalog.pg_has_role(n.nspowner, 'USAGE') FROM pg_catalog.pg_namespace n
      WHERE n.nspname = 'public' OR EXISTS (SELECT FROM pg_catalog.pg_extension e WHERE e.extnamespace = n.oid
        AND (e.extname::text, n.nspname::text) IN (\(list.joined(separator: ", "))))
      """, operation: operation)
    let roles = try link.run("SELECT rolname FROM pg_catalog.pg_roles", operation: operation).rows.compactMap { $0[0] }
    var entries: Set<String> = []
    for row in reply.rows {
      let (name, isOwn) = (row[1] ?? "", row[2] == "t")
      guard row[0] == "schema" else {
        if !isOwn { entries.insert("COMMENT - EXTENSION \(name) ") }
        continue
      }
      for role in roles {
        // pg_restore expects public to exist; its entry sets the owner.
        if name != "public" || !isOwn { entries.insert("SCHEMA - \(name) \(role)") }
        if !isOwn { entries.formUnion(["ACL", "COMMENT"].map { "\($0) - SCHEMA \(name) \(role)" }) }
      }
    }
    self.list.leaveOut(entries)
  }

  // MARK: Failures

  /// Lists everything that the server lacks, if that is the cause.
  private func explained(_ failure: DriverFailure) throws(DriverFailure) -> DriverFailure {
    guard ![.cancelled, .timeout, .busy, .io].contains(failure.code), !operation.isCancelled else { return failure }
    do throws(DriverFailure) {
      let missing = try MissingParts(try launcher.read(["--schema-only", "--file=-", path]), link)
      return Self.naming(searchPath: missing.explain(failure))
    } catch {
      return failure
    }
  }

  /// pg_restore empties search_path: a function that finds others by it does not find them, e.g. where an index calls it.
  private static func naming(searchPath failure: DriverFailure) -> DriverFailure {
    // Of an undefined function, table, type or schema.
    guard ["42883", "42P01", "42704", "3F000"].contains(failure.sqlState) else { return failure }
    var named = failure
    named.hint =
      "a function that an index, a constraint or a generated column calls may find this only by search_path, which is "
      + "empty in a restore: write the schema into the function's body, or ALTER FUNCTION … SET search_path = …"
      + (failure.hint.isEmpty ? "" : "; \(failure.hint)")
    return named
  }

  /// Ends the sessions that the programs have left on the server, and waits until they are gone: what they have not
  /// committed is then rolled back.
  private func endSessions() throws(DriverFailure) {
    let name = SQLLiteral.quoted(launcher.applicationName)
    let wait = server >= 140000 ? ", 10000" : ""
    _ = try link.quietly(
      """
      SELECT pg_catalog.pg_terminate_backend(pid\(wait)) FROM pg_catalog.pg_stat_activity
      WHERE application_name = \(name) AND pid <> pg_catalog.pg_backend_pid()
      """)
  }
}

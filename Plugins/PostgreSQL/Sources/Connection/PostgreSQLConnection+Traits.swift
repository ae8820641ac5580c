import BelayDriverKit
import CPostgreSQL
import Glibc

extension PostgreSQLConnection {
  func traits() throws(DriverFailure) -> Traits {
    var traits = Traits()
    traits.hasTransactions = true
    traits.hasTransactionalDDL = true
    traits.swaps = true
    traits.altersColumns = true
    traits.serverName = "PostgreSQL"
    // "15.18 (Debian 15.18-0+deb12u1)"
    traits.serverVersion = link.reported("server_version").map { String($0.prefix { $0 != " " }) } ?? ""
    traits.parameterStyle = "$1"
    traits.hexText = "pg_catalog.convert_from('\\x?', 'UTF8')"
    // READ COMMITTED: a migration must see the rows that others committed before it got its locks.
    // What a session begins its transactions with by default, read-only, is no promise that this one reads.
    traits.begin = settings.isReadOnly ? "BEGIN" : "BEGIN READ WRITE"
    traits.commit = "COMMIT"
    traits.rollback = "ROLLBACK"
    traits.loadBegin = Self.loadBegin
    traits.loadEnd = "COMMIT;"
    traits.maxParameters = 65535
    // One message of the protocol.
    traits.maxSQLBytes = 1 << 30
    traits.restoreSteps = Self.restoreSteps
    // In a failed transaction the server answers no queries.
    if link.isInFailedTransaction, let knownTraits { return knownTraits }
    try measure(&traits)
    knownTraits = traits
    return traits
  }

  /// Rows are loaded before indexes, constraints and triggers exist, so nothing needs to be switched off for them.
  /// Functions may refer to objects that are created after them.
  private static let loadBegin = """
    BEGIN;
    SET LOCAL check_function_bodies = off;
    SET LOCAL row_security = off;
    SET LOCAL standard_conforming_strings = on;
    SET LOCAL client_min_messages = warning;
    SET LOCAL lc_monetary = 'C';
    SET LOCAL xmloption = content;
    """

  private static let restoreSteps = [
    "createdb --template=template0 restored",
    "pg_restore --exit-on-error --no-owner --dbname=restored full_backup.dump",
    "",
    "createdb --template=template0 restored",
    "zstd -dc full_backup.sql.zst | psql -X -q -v ON_ERROR_STOP=1 --dbname=restored",
  ]

  private func measure(_ traits: inout Traits) throws(DriverFailure) {
    // A setting that this role may not see is NULL here instead of an error.
    let reply = try link.quietly(
      """
      SELECT pg_catalog.current_database(), pg_catalog.pg_is_in_recovery()
        OR pg_catalog.current_setting('default_transaction_read_only') = 'on'
        OR pg_catalog.current_setting('transaction_read_only') = 'on' AND NOT \(hasView),
        CASE WHEN pg_catalog.has_database_privilege(d.oid, 'CONNECT') THEN pg_catalog.pg_database_size(d.oid) END,
        pg_catalog.pg_tablespace_location(d.dattablespace),
        CASE WHEN pg_catalog.pg_has_role('pg_read_all_settings', 'USAGE')
          THEN pg_catalog.current_setting('data_directory') END,
        CASE WHEN pg_catalog.has_function_privilege('pg_catalog.pg_control_system()', 'EXECUTE')
          THEN (SELECT system_identifier FROM pg_catalog.pg_control_system()) END
      FROM pg_catalog.pg_database d WHERE d.datname = pg_catalog.current_database()
      """)
    guard let row = reply.rows.first, row.count == 6 else { return }
    traits.isReadOnly = row[1] == "t"
    traits.databaseBytes = row[2].flatMap { UInt64($0) } ?? 0
    traits.freeBytes = freeBytes(tablespace: row[3] ?? "", dataFolder: row[4] ?? "")
    // A server that hides its identifier is identified by its address.
    let server = row[5] ?? ConnectFailure.place(link.handle)
    traits.identity = "postgresql:\(server)/\(row[0] ?? "")"
  }

  /// Free space on the server's disk, if the server runs on this machine.
  private func freeBytes(tablespace: String, dataFolder: String) -> UInt64 {
    // Over TCP the same path may belong to another machine or a container.
    guard PQhost(link.handle)?.pointee == CChar(UInt8(ascii: "/")) else { return 0 }
    let folder = tablespace.isEmpty ? dataFolder : tablespace
    var status = statvfs()
    guard !folder.isEmpty, statvfs(folder, &status) == 0 else { return 0 }
    return UInt64(status.f_bavail) * UInt64(status.f_frsize)
  }
}

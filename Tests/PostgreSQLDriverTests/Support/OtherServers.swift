import DriverTesting
import Foundation

/// A server that asks for a password: user `guarded`, password `right@one`; and lets `rejected` not in at all.
enum PasswordServer {
  static let shared = Result {
    let source = try PostgreSQLServer.shared()
    let server = try PostgreSQLServer(programs: source.programs, settings: ["password_encryption = 'scram-sha-256'"])
    try server.psql("CREATE ROLE guarded SUPERUSER LOGIN PASSWORD 'right@one'; CREATE ROLE rejected LOGIN")
    try server.psql(
      """
      COPY (SELECT 'local all guarded scram-sha-256' UNION ALL SELECT 'local all postgres trust')
      TO '\(server.folder)/data/pg_hba.conf'
      """)
    try server.psql("SELECT pg_reload_conf()")
    // The reload is a signal: it comes when it comes.
    try eventually { (try? server.psql("SELECT 1", user: "rejected")) == nil }
    return server
  }
}

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
    for _ in 0..<50 {
      if (try? server.psql("SELECT 1", user: "rejected")) == nil { break }
      Thread.sleep(forTimeInterval: 0.1)
    }
    return server
  }
}

/// Takes connections and never says a word.
final class SilentServer {
  struct Failure: Error {}
  let port: Int
  private let descriptor: Int32

  init() throws {
    let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
    var length = socklen_t(MemoryLayout<sockaddr_in>.size)
    let bound = withUnsafeMutablePointer(to: &address) { address in
      address.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(descriptor, $0, length) == 0 && listen(descriptor, 10) == 0 && getsockname(descriptor, $0, &length) == 0
      }
    }
    guard bound else { throw Failure() }
    self.descriptor = descriptor
    port = Int(UInt16(bigEndian: address.sin_port))
  }

  func close() { Foundation.close(descriptor) }
}

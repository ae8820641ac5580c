import BelayDriverKit
import CPostgreSQL

/// The parameters with which another process connects to the same server as a link, as the same user: if there are
/// several hosts, to the one that answered, and to the address that was used.
///
/// Secrets are kept separate: they go into the environment of the child or a file that only its user can read, never
/// into its arguments.
struct PinnedServer {
  /// Keywords and values without secrets, `dbname` among them.
  let words: [(keyword: String, value: String)]
  /// Keywords and values that are secret: "password" (PGPASSWORD), "sslpassword" (which has no variable of its own).
  let secrets: [(keyword: String, value: String)]

  init(_ link: Link) throws(DriverFailure) {
    guard let options = PQconninfo(link.handle) else { throw DriverFailure(.io, "libpq has run out of memory") }
    defer { PQconninfoFree(options) }
    // Parameters that choose among servers, or are resolved by now.
    let resolved: Set<String> = [
      "host", "hostaddr", "port", "password", "passfile", "service", "servicefile", "target_session_attrs",
      "load_balance_hosts", "client_encoding", "application_name", "fallback_application_name", "replication",
    ]
    // An older program's libpq may not know every keyword: those with default values are left out.
    let known = ConnectionParameters.read(options, defaults: false).filter {
      !$0.value.isEmpty && !resolved.contains($0.keyword)
    }
    var words = known.filter { !ConnectionParameters.isSecret($0.keyword) }
    for (keyword, value) in [
      ("host", PQhost(link.handle)), ("hostaddr", PQhostaddr(link.handle)), ("port", PQport(link.handle)),
    ] {
      if let value, value.pointee != 0 { words.append((keyword, String(cString: value))) }
    }
    self.words = words
    var secrets = known.filter { ConnectionParameters.isSecret($0.keyword) }
    // Includes a password from a password file: the file lists it under the host's name, not under the pinned address.
    if let password = PQpass(link.handle), password.pointee != 0 {
      secrets.append(("password", String(cString: password)))
    }
    self.secrets = secrets
  }

  /// `host='…' port='…' dbname='…'`, without secrets; `database`: another one than the link's.
  func conninfo(database: String? = nil) -> String {
    Self.conninfo(words.map { ($0.keyword, $0.keyword == "dbname" ? database ?? $0.value : $0.value) })
  }

  static func conninfo(_ words: [(keyword: String, value: String)]) -> String {
    words.map { $0.keyword + "='" + escaped($0.value) + "'" }.joined(separator: " ")
  }

  private static func escaped(_ value: String) -> String {
    var result = ""
    for character in value.unicodeScalars {
      if character == "'" || character == "\\" { result += "\\" }
      result.unicodeScalars.append(character)
    }
    return result
  }
}

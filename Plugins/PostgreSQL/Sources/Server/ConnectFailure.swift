import BelayDriverKit
import CPostgreSQL

/// Turns libpq's text about a failed connection into one readable failure.
///
/// libpq gives text only, one paragraph for each host and address that it tried. A server's answer contains its
/// SQLSTATE, because the connection is set to be verbose.
enum ConnectFailure {
  /// One paragraph.
  private struct Attempt {
    var place = ""
    var sqlState = ""
    var message = ""
    var detail: [String] = []

    /// The server answered.
    var isAnswer: Bool { !sqlState.isEmpty }
  }

  /// The server that a handle is connected or connecting to, for messages.
  static func place(_ handle: OpaquePointer?) -> String {
    let host = PQhost(handle).map { String(cString: $0) } ?? ""
    let port = PQport(handle).map { String(cString: $0) } ?? ""
    if host.isEmpty { return "the server" }
    return host.hasPrefix("/") || host.hasPrefix("@") ? "the server at \(host)" : "the server at \(host):\(port)"
  }

  static func describe(_ handle: OpaquePointer, _ parameters: ConnectionParameters) -> DriverFailure {
    let words = PQerrorMessage(handle).map { String(cString: $0) } ?? ""
    let attempts = read(words)
    // If there are several hosts, one that answered is more informative than those that did not; a wrong password is
    // more informative than the result of a second attempt without encryption.
    let wrongPassword = attempts.last { $0.sqlState == "28P01" }
    guard let telling = wrongPassword ?? attempts.last(where: \.isAnswer) ?? attempts.last else {
      return DriverFailure(.io, "the connection to the server failed")
    }
    let user = PQuser(handle).map { String(cString: $0) } ?? ""
    var failure = classify(telling, needsPassword: PQconnectionNeedsPassword(handle) == 1, user)
    failure.sqlState = telling.sqlState
    var message = telling.message
    if attempts.count > 1 {
      message = attempts.map { ($0.place.isEmpty ? "" : $0.place + ": ") + $0.message }.joined(separator: "; ")
    } else if !telling.place.isEmpty {
      message = "\(telling.place): \(message)"
    }
    failure.message = hidden(message, parameters)
    if failure.hint.isEmpty { failure.hint = hidden(telling.detail.joined(separator: " "), parameters) }
    return failure
  }

  private static func classify(_ attempt: Attempt, needsPassword: Bool, _ user: String) -> DriverFailure {
    let text = attempt.message.lowercased()
    if attempt.isAnswer { return answered(attempt.sqlState, text) }
    if needsPassword || text.contains("no password supplied") {
      return DriverFailure(
        .auth, "", hint: "put a password for \(user) into PGPASSWORD or a password file (PGPASSFILE, ~/.pgpass)")
    }
    if text.contains("certificate") || text.contains("scram") || text.contains("authentication method") {
      return DriverFailure(.auth, "", hint: "check sslmode, sslrootcert and the certificates, or channel_binding")
    }
    if text.contains("service") && text.contains("definition of") {
      return DriverFailure(.notFound, "", hint: "check ~/.pg_service.conf, or the file that PGSERVICEFILE names")
    }
    if text.contains("does not support ssl") {
      return DriverFailure(.io, "", hint: "TLS is off on the server: sslmode=prefer connects without it")
    }
    if text.contains("refused") || text.contains("no such file") {
      return DriverFailure(.io, "", hint: "is the server running there, and does it listen on this socket or port?")
    }
    if text.contains("translate host name") {
      return DriverFailure(.io, "", hint: "check the host's name")
    }
    if text.contains("session is") || text.contains("server is in hot standby") {
      return DriverFailure(.notFound, "", hint: "no host of the URL matches target_session_attrs")
    }
    if text.contains("invalid") && (text.contains("value") || text.contains("option")) {
      return DriverFailure(.invalid, "", hint: "correct the URL")
    }
    return DriverFailure(.io, "")
  }

  private static func answered(_ sqlState: String, _ text: String) -> DriverFailure {
    var failure = DriverFailure(ServerFailure.code(of: sqlState), "")
    switch sqlState {
    case "28P01": failure.hint = "check the user and the password: URL, PGPASSWORD or the password file"
    case "28000" where text.contains("no encryption") || text.contains("ssl off"):
      failure.hint = "the server may want TLS: add sslmode=require to the URL, or let pg_hba.conf allow this user"
    case "28000": failure.hint = "check the user; pg_hba.conf on the server says who may connect, and how"
    case "3D000": failure.hint = "check the database's name; belay does not create it here"
    case "53300": failure.hint = "end other sessions, or raise max_connections or the role's connection limit"
    case "57P03": failure.hint = "the server is starting, stopping or recovering: try again later"
    default: break
    }
    return failure
  }

  private static func read(_ words: String) -> [Attempt] {
    var attempts: [Attempt] = []
    for line in words.split(separator: "\n") {
      let text = trimmed(line)
      if text.hasPrefix("LOCATION:") || text.isEmpty { continue }
      let begins = text.hasPrefix("connection to server") || attempts.isEmpty
      guard begins else {
        // "DETAIL:  …", "HINT:  …", or libpq's own second line.
        attempts[attempts.count - 1].detail.append(String(afterLabel(text)))
        continue
      }
      var attempt = Attempt()
      var message = text
      if let failed = text.firstRange(of: " failed: "), text.hasPrefix("connection to server") {
        attempt.place = String(text[..<failed.lowerBound].dropFirst("connection to ".count))
        message = text[failed.upperBound...]
      }
      (attempt.sqlState, attempt.message) = answer(message)
      attempts.append(attempt)
    }
    return attempts
  }

  /// `FATAL:  28P01: password authentication failed …`, the first word in the server's language.
  private static func answer(_ text: Substring) -> (sqlState: String, message: String) {
    let pieces = text.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
    guard pieces.count == 3 else { return ("", String(text)) }
    let state = trimmed(pieces[1])
    let isState =
      state.utf8.count == 5
      && state.utf8.allSatisfy {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) || (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0)
      }
    return isState ? (String(state), String(trimmed(pieces[2]))) : ("", String(text))
  }

  private static func afterLabel(_ text: Substring) -> Substring {
    for label in ["DETAIL:", "HINT:"] where text.hasPrefix(label) { return trimmed(text.dropFirst(label.count)) }
    return text
  }

  private static func trimmed(_ text: Substring) -> Substring {
    var text = text
    while let last = text.last, last.isWhitespace { text.removeLast() }
    return text.drop { $0.isWhitespace }
  }

  /// The text without any of the secrets, should libpq ever quote one.
  private static func hidden(_ text: String, _ parameters: ConnectionParameters) -> String {
    var text = text
    for secret in parameters.secrets where secret.utf8.count > 2 { text.replace(secret, with: "***") }
    return text
  }
}

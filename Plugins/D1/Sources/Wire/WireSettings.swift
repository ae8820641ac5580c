import BelayDriverKit
import Glibc

/// The API's address, the token, and the time limits.
struct WireSettings {
  /// Without a slash at its end.
  let baseURL: String
  /// Secret: it is sent only in one header of requests to the API.
  let token: String
  /// How long a call is retried after temporary failures.
  let retryMilliseconds: Int
  /// How long a call is retried that reached the rate limit: longer than the five minutes over which Cloudflare counts.
  let rateLimitMilliseconds: Int
  let firstPauseMilliseconds: Int
  /// The pause between two polls of an export or import.
  let pollMilliseconds: Int
  /// How long a write whose reply was lost may still be running: D1 stops a call after 30 seconds.
  let settleMilliseconds: Int
  let callsPerWindow: Int
  /// A file with trusted certificates, in PEM; nil: the system's.
  let certificateFile: String?

  /// The schemes of libcurl that may be used.
  var protocols: String { baseURL.hasPrefix("http://") ? "http,https" : "https" }

  init(_ options: inout Options) throws(DriverFailure) {
    let given = options.take("api_token")
    guard let token = given.flatMap({ $0.isEmpty ? nil : $0 }) ?? Self.environment("CLOUDFLARE_API_TOKEN") else {
      throw DriverFailure(
        .auth, "there is no token for Cloudflare's API",
        hint: "set CLOUDFLARE_API_TOKEN to a token with the permission Account > D1 > Edit")
    }
    // Other characters could end the header and begin another one.
    guard token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
      throw DriverFailure(.auth, "the token for Cloudflare's API contains characters that are not allowed in a token")
    }
    self.token = token
    let base = Self.environment("CLOUDFLARE_API_BASE_URL") ?? "https://api.cloudflare.com/client/v4"
    baseURL = try Self.checked(options.take("api_base_url").flatMap { $0.isEmpty ? nil : $0 } ?? base)
    retryMilliseconds = try options.takeCount("retry_ms", default: 120_000)
    rateLimitMilliseconds = try options.takeCount("rate_limit_ms", default: 330_000)
    firstPauseMilliseconds = max(try options.takeCount("retry_pause_ms", default: 500), 2)
    pollMilliseconds = max(try options.takeCount("poll_ms", default: 1000), 1)
    settleMilliseconds = try options.takeCount("settle_ms", default: 35_000)
    certificateFile = options.take("ca_file").flatMap { $0.isEmpty ? nil : $0 } ?? Self.environment("SSL_CERT_FILE")
    callsPerWindow = max(try options.takeCount("calls_in_5_minutes", default: 1200), 1)
  }

  /// http would expose the token: it is allowed only to this machine itself, for tests.
  private static func checked(_ url: String) throws(DriverFailure) -> String {
    var url = url
    while url.hasSuffix("/") { url.removeLast() }
    if url.hasPrefix("https://"), url.utf8.count > 8 { return url }
    let loopbacks = ["http://127.0.0.1", "http://localhost", "http://[::1]"]
    for loopback in loopbacks where url.hasPrefix(loopback) {
      let rest = url.dropFirst(loopback.count)
      if rest.isEmpty || rest.first == ":" || rest.first == "/", !url.utf8.contains(UInt8(ascii: "@")) { return url }
    }
    throw DriverFailure(
      .invalid, "the base URL of Cloudflare's API is not https",
      hint: "set CLOUDFLARE_API_BASE_URL to an https:// URL; http:// is allowed only for this machine")
  }

  private static func environment(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
  }
}

import BelayDriverKit
import FoundationEssentials
import SQLiteDialect

/// The REST API of one account: requests with the token, and only to the API's own base URL.
final class API {
  /// Whether a call may be repeated.
  enum Kind {
    /// It can be repeated without harm: it is retried after a temporary failure.
    case repeatable
    /// It changes something: it is retried only if it was refused before anything was done.
    case once
  }

  let settings: WireSettings
  let account: String
  let watch: Watch
  private let transfer: Transfer
  /// For signed URLs, which never share a connection or a header with the token.
  private let plain: Transfer
  private let limit: RateLimit

  init(account: String, settings: WireSettings, watch: Watch) throws(DriverFailure) {
    self.account = account
    self.settings = settings
    self.watch = watch
    transfer = try Transfer(settings, watch: watch)
    plain = try Transfer(settings, watch: watch)
    limit = .shared("\(settings.baseURL) \(settings.token)", allowed: settings.callsPerWindow)
  }

  /// Makes a call under the account's databases.
  /// - Parameter path: the part after `/d1/database`, with its `/`; empty for the list itself.
  /// - Parameter subject: for messages, e.g. the database's name.
  func call<Result: Decodable>(
    _ method: String, _ path: String = "", query: [(String, String)] = [], body: (any Encodable)? = nil, _ kind: Kind,
    subject: String, shielded: Bool = false, as type: Result.Type = Result.self
  ) throws(CallFailure) -> Envelope<Result> {
    var request = Request(method: method, url: url(path, query))
    request.headers = ["Authorization: Bearer \(settings.token)", "Accept: application/json"]
    if case .once = kind { request.isOnce = true }
    if let body {
      request.headers.append("Content-Type: application/json")
      do {
        request.body = .bytes([UInt8](try JSONEncoder().encode(body)))
      } catch {
        throw CallFailure(DriverFailure(.internal, "a request cannot be written as JSON"), .refused)
      }
    }
    let made = request
    return try again(kind, subject, shielded: shielded) { () throws(CallFailure) in
      try self.attempt(made, subject, shielded: shielded)
    }
  }

  /// Sends or fetches bytes by a signed URL, without the token. Can be repeated.
  func signed(_ request: Request, subject: String) throws(CallFailure) -> Response {
    try again(.repeatable, subject, shielded: false) { () throws(CallFailure) in
      let response: Response
      do throws(TransferFailure) {
        response = try plain.perform(request)
      } catch {
        throw lost(error, subject, shielded: false)
      }
      if response.status >= 500 || response.status == 429 {
        throw CallFailure(
          DriverFailure(.io, "the storage of \(subject) answered with status \(response.status)"), .unknown,
          isTransient: true, retryAfter: response.retryAfter, isRateLimit: response.status == 429)
      }
      return response
    }
  }

  /// Retries with increasing pauses, as long as this may help and there is time.
  private func again<R>(
    _ kind: Kind, _ subject: String, shielded: Bool, _ body: () throws(CallFailure) -> R
  ) throws(CallFailure) -> R {
    var patience = Patience(settings, shielded: shielded)
    while true {
      do throws(CallFailure) {
        return try body()
      } catch {
        var mayRepeat = error.isTransient
        if case .once = kind {
          if case .refused = error.work {} else { mayRepeat = false }
        }
        guard mayRepeat else { throw error }
        switch patience.wait(watch, after: error, shielded: shielded) {
        case .tryAgain: continue
        case .isOver: throw error
        case .isStopped: throw stopped(.refused)
        }
      }
    }
  }

  private func attempt<Result: Decodable>(
    _ request: Request, _ subject: String, shielded: Bool
  ) throws(CallFailure) -> Envelope<Result> {
    var hasTold = false
    while let wait = limit.take(at: monotonicMilliseconds()) {
      if !hasTold, wait >= 2000 {
        watch.log(
          .notice,
          "the limit is \(settings.callsPerWindow) calls in five minutes: continuing in \((wait + 999) / 1000) s")
      }
      hasTold = true
      guard watch.pause(milliseconds: min(wait, 500), shielded: shielded) else { throw stopped(.refused) }
    }
    let response: Response
    do throws(TransferFailure) {
      response = try transfer.perform(request, shielded: shielded)
    } catch {
      throw lost(error, subject, shielded: shielded)
    }
    do {
      let envelope = try JSONDecoder().decode(Envelope<Result>.self, from: Data(response.body))
      // A failure status overrides a body that reports success.
      if envelope.succeeded, response.status < 400 { return envelope }
      throw CallFailure(envelope.errors, status: response.status, subject: subject, retryAfter: response.retryAfter)
    } catch let failure as CallFailure {
      throw failure
    } catch {
      // An HTML page of a proxy or gateway, or a truncated reply.
      throw unreadable(response, subject)
    }
  }

  private func unreadable(_ response: Response, _ subject: String) -> CallFailure {
    switch response.status {
    case 429:
      CallFailure([], status: 429, subject: subject, retryAfter: response.retryAfter)
    // Not a reply of the API. One that begins like the API's was truncated: the next attempt may give more.
    case 400..<500 where response.body.first != UInt8(ascii: "{"):
      CallFailure([], status: response.status, subject: subject, retryAfter: nil)
    default:
      CallFailure(
        DriverFailure(
          .io, "the reply about \(subject), with status \(response.status), does not come from Cloudflare's API",
          hint: "a proxy or gateway may be down; try again later"),
        .unknown, isTransient: true, retryAfter: response.retryAfter)
    }
  }

  private func lost(_ failure: TransferFailure, _ subject: String, shielded: Bool) -> CallFailure {
    switch failure {
    case .notSent(let words):
      CallFailure(
        DriverFailure(
          .io, "Cloudflare cannot be reached for \(subject): \(words)", hint: "check the network and the proxy settings"
        ),
        .refused, isTransient: true)
    case .lost(let words):
      CallFailure(
        DriverFailure(.io, "Cloudflare's reply about \(subject) was lost: \(words)", hint: "check the network"),
        .unknown,
        isTransient: true)
    case .local(let failure): CallFailure(failure, .unknown)
    case .stopped: stopped(.unknown)
    }
  }

  private func stopped(_ work: CallFailure.Work) -> CallFailure {
    CallFailure(watch.stopFailure(outcome: .notApplied), work)
  }

  private func url(_ path: String, _ query: [(String, String)]) -> String {
    var url = "\(settings.baseURL)/accounts/\(percentEncoded(account))/d1/database\(path)"
    for (index, (name, value)) in query.enumerated() {
      url += "\(index == 0 ? "?" : "&")\(name)=\(percentEncoded(value))"
    }
    return url
  }
}

/// Text as one component of a URL.
func percentEncoded(_ text: String) -> String {
  var encoded = ""
  for byte in text.utf8 {
    switch byte {
    case 0x30...0x39, 0x41...0x5a, 0x61...0x7a, UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
      encoded.unicodeScalars.append(Unicode.Scalar(byte))
    default: encoded += "%" + Hex.text(byte).uppercased()
    }
  }
  return encoded
}

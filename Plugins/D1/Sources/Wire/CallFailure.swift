import BelayDriverKit

/// A failed call, and whether it may be retried.
struct CallFailure: Error {
  /// What is known about the effect of the call.
  enum Work {
    /// It was refused before anything was done: any call may be retried.
    case refused
    /// The reply is a definite failure: a retry would fail again.
    case answered
    /// The reply was lost, or reports a problem on the way: only calls that can be repeated may be retried.
    case unknown
  }

  var failure: DriverFailure
  var work: Work
  /// It may succeed a little later.
  var isTransient: Bool
  /// Seconds that the server asks to wait.
  var retryAfter: Int?
  /// The rate limit was reached, and nothing else is wrong: this will certainly pass.
  var isRateLimit: Bool

  init(
    _ failure: DriverFailure, _ work: Work, isTransient: Bool = false, retryAfter: Int? = nil, isRateLimit: Bool = false
  ) {
    self.failure = failure
    self.work = work
    self.isTransient = isTransient
    self.retryAfter = retryAfter
    self.isRateLimit = isRateLimit
  }

  /// The failure of a call that changes something: without a reply, its outcome is not known.
  var ofWrite: DriverFailure {
    var failure = failure
    if case .unknown = work { failure.outcome = .unknown }
    return failure
  }
}

extension CallFailure {
  /// Reads the errors of an envelope, whatever the status is.
  init(_ errors: [APIError], status: Int, subject: String, retryAfter: Int?) {
    let error = errors.first
    let code = error?.code ?? 0
    let words = error?.message ?? ""
    let chain = error?.chain.map { "\($0.message) (\($0.code))" } ?? []
    let message = ([words.isEmpty ? "status \(status)" : words] + chain).joined(separator: ": ")
    func made(_ failure: DriverFailure, _ work: Work, isTransient: Bool = false) -> CallFailure {
      var failure = failure
      failure.vendorCode = Int64(code)
      return CallFailure(failure, work, isTransient: isTransient, retryAfter: retryAfter)
    }
    switch (code, status) {
    case (971, _), (10429, _), (_, 429):
      self = made(
        DriverFailure(
          .busy, "Cloudflare's rate limit is reached: \(message)",
          hint: "wait a few minutes; the limit includes other programs that use this token"), .refused,
        isTransient: true)
      isRateLimit = true
    case (10000, _), (9106, _), (6003, _), (6111, _), (9109, _), (_, 401):
      self = made(
        DriverFailure(
          .auth, "Cloudflare does not accept the token for \(subject): \(message)",
          hint: "set CLOUDFLARE_API_TOKEN to a token with the permission Account > D1 > Edit"), .answered)
    case (7403, _), (_, 403):
      self = made(
        DriverFailure(
          .denied, "this token has no access to the account of \(subject): \(message)",
          hint: "check the account id in the URL, and the token's permissions"), .answered)
    case (7404, _):
      self = made(
        DriverFailure(.notFound, "\(subject): \(message)", hint: "list them with: wrangler d1 list"), .answered)
    case (7400, _): self = made(DriverFailure(.invalid, "\(subject): \(message)"), .answered)
    case (7406, _):
      self = made(
        DriverFailure(.denied, "\(message)", hint: "delete a database that is no longer needed"), .answered)
    case (7502, _): self = made(DriverFailure(.constraint, "\(message)"), .answered)
    case (7500, _):
      let reading = D1Words(message)
      self = made(reading.failure, reading.work, isTransient: reading.isTransient)
    default:
      let isServer = status >= 500 || code == 7009
      self = made(
        DriverFailure(.io, "Cloudflare answered \(subject) with status \(status): \(message)"),
        isServer ? .unknown : .answered, isTransient: isServer)
    }
  }
}

/// Failures that D1 reports with the same code, and distinguishes only by their text.
struct D1Words {
  let failure: DriverFailure
  let work: CallFailure.Work
  let isTransient: Bool

  init(_ words: String) {
    let text = words.lowercased()
    func has(_ parts: String...) -> Bool { parts.contains { text.contains($0) } }
    var (work, isTransient) = (CallFailure.Work.answered, false)
    if has("currently processing a long-running", "cannot start another import") {
      (work, isTransient) = (.refused, true)
      failure = DriverFailure(
        .busy, "the database is busy: \(words)",
        hint: "wait until the export or import has ended; after a failed export of virtual tables that can take hours")
    } else if has("exceeded timeout", "timed out") {
      // The same statement would run into it again.
      work = .unknown
      failure = DriverFailure(.timeout, words, hint: "D1 stops a statement after 30 seconds")
    } else if !has("sqlite_"),
      has(
        "network connection lost", "because its code was updated", "caused object to be reset", "transient issue",
        "internal error", "please retry", "try again", "overloaded")
    {
      (work, isTransient) = (.unknown, true)
      failure = DriverFailure(.io, words, hint: "this was an internal error of D1")
    } else if has("too many restores") {
      failure = DriverFailure(.busy, words, hint: "D1 allows ten restores in ten minutes: wait, then try again")
    } else if has("d1_reset_do") {
      failure = DriverFailure(
        .constraint, "D1 gave up, most likely because of a foreign key: \(words)",
        hint: "check that every referenced row exists, or put PRAGMA foreign_keys=OFF at the top of the file")
    } else if has("sqlite_constraint", "constraint failed", "sqlite_mismatch", "datatype mismatch") {
      failure = DriverFailure(.constraint, words)
    } else if has("sqlite_auth", "not authorized", "instead of the sql begin transaction") {
      failure = DriverFailure(.denied, words, hint: "D1 does not let SQL do that")
    } else if has("sqlite_full", "maximum db size") {
      failure = DriverFailure(.io, words, hint: "the database has reached the size that its plan allows")
    } else if has("sqlite_corrupt", "malformed") {
      failure = DriverFailure(.corrupt, words)
    } else {
      failure = DriverFailure(.sql, words)
    }
    self.work = work
    self.isTransient = isTransient
  }
}

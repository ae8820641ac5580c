import BelayDriverKit
import SQLiteDialect

/// Runs a file of SQL in D1 with /import: init, upload, ingest, poll.
///
/// D1 runs the same bytes again if it is asked to, and replies can get lost. So each file has unique bytes (it ends
/// with a receipt whose number is used only once), and the receipt shows whether it was run.
struct Importer {
  private let connection: D1Connection
  private let remote: RemoteDatabase
  private let file: ImportFile
  private let md5: String
  /// The bookmark before the import.
  private let bookmark: String

  /// - Parameter content: writes the statements. The receipt is added after them.
  static func run(
    _ connection: D1Connection, _ remote: RemoteDatabase, opening: [String], _ content: FileContent
  ) throws(DriverFailure) {
    let file = try ImportFile(in: connection.copyFolder)
    // PRAGMA foreign_keys=OFF has an effect only at the very top.
    for pragma in opening { try file.write(pragma) }
    let receipt = connection.nextReceipt()
    try file.write(D1Connection.receiptTable)
    try file.write(receipt.opening)
    try content { (statement) throws(DriverFailure) in try file.write(statement) }
    try file.write(receipt.closing)
    let md5 = try file.finish()
    let importer = Importer(
      connection: connection, remote: remote, file: file, md5: md5, bookmark: try connection.currentBookmark())
    try importer.run()
  }

  private func run() throws(DriverFailure) {
    var task = try start(.success(begin()))
    var sent = monotonicMilliseconds()
    var patience = Patience(connection.settings.wire)
    // After the first ingest, every failure is looked up.
    var (hasRestarted, hasBegun, hasAsked) = (false, false, false)
    while true {
      switch task {
      case .success(let answer) where answer.hasFailed:
        if D1Words(answer.error).isTransient, D1Words(answer.error).work == .refused, !hasRestarted, !hasBegun {
          // Another import is running: this one has not begun.
          throw D1Words(answer.error).failure
        }
        guard let failure = failed(answer.error, sent) else { return }
        throw failure
      case .success(let answer) where answer.status == "complete" || answer.finalBookmark != nil:
        return try settled(nil, sent)
      case .success(let answer):
        hasBegun = true
        guard let at = answer.bookmark else { return try settled(nil, sent) }
        guard connection.watch.pause(milliseconds: connection.settings.wire.pollMilliseconds) else {
          return try settled(connection.watch.stopFailure(outcome: .unknown), sent)
        }
        task = ask(Body(action: "poll", current_bookmark: at), .repeatable)
        sent = monotonicMilliseconds()
      case .failure(let failure):
        switch failure.work {
        // Once it has begun, this no longer means that nothing was run.
        case .refused:
          guard !hasBegun else { return try settled(failure.failure, sent) }
          throw failure.failure
        case .answered:
          guard let failure = failed(failure.failure.message, sent) else { return }
          throw failure
        case .unknown where !hasAsked:
          // D1 identifies a running import by the bookmark at which it began, which is this one if nobody else wrote.
          // Polling also keeps it running.
          hasAsked = true
          let asked = ask(Body(action: "poll", current_bookmark: bookmark), .repeatable)
          if case .success(let answer) = asked, !Self.isUnknown(answer.error) { task = asked }
        case .unknown:
          guard failure.isTransient, case .notApplied = outcome(sent, revoking: false),
            case .tryAgain = patience.wait(connection.watch, after: failure)
          else { return try settled(failure.failure, sent) }
          // Nothing of the file was run or is running: send the same file again, which is stored there by now. If the
          // first one starts after all, its receipt fails, so the file is run only once.
          (hasRestarted, hasAsked) = (true, false)
          sent = monotonicMilliseconds()
          do throws(DriverFailure) {
            task = try start(ask(Body(action: "init", etag: md5), .once))
          } catch {
            return try settled(error, sent)
          }
        }
      }
    }
  }

  /// Uploads the bytes and starts the import.
  /// - Parameter answer: the reply to `init`.
  /// - Returns: the first reply about the running import.
  private func start(_ answer: Result<TaskAnswer, CallFailure>) throws(DriverFailure) -> Result<TaskAnswer, CallFailure>
  {
    var answer = answer
    for attempt in 1... {
      // Bytes that are already stored are run from init on.
      guard case .success(let place) = answer, !place.hasFailed, let url = place.uploadURL,
        let filename = place.filename
      else { return answer }
      do throws(DriverFailure) {
        try upload(to: url)
        return ask(Body(action: "ingest", etag: md5, filename: filename), .once)
      } catch {
        // The URL may have expired: get another one. If the bytes have arrived anyway, this runs them, so it is called
        // once.
        guard error.code == .io, attempt < 2, !connection.watch.wantsStop else { throw error }
        answer = ask(Body(action: "init", etag: md5), .once)
      }
    }
    throw DriverFailure(.internal, "an import that never starts")
  }

  // MARK: Calls

  private struct Body: Encodable {
    var action: String
    var etag: String?
    var filename: String?
    var current_bookmark: String?
  }

  private func ask(_ body: Body, _ kind: API.Kind) -> Result<TaskAnswer, CallFailure> {
    do throws(CallFailure) {
      let envelope = try remote.api.call(
        "POST", "/\(remote.uuid)/import", body: body, kind, subject: connection.name, as: TaskAnswer.self)
      guard let answer = envelope.result else {
        return .failure(CallFailure(DriverFailure(.io, "D1's reply about the import is empty"), .unknown))
      }
      return .success(answer)
    } catch {
      return .failure(error)
    }
  }

  /// Until the bytes are stored, init only returns a URL for them, so it can be repeated. Waits for exports and imports
  /// of others.
  private func begin() throws(DriverFailure) -> TaskAnswer {
    let deadline = monotonicMilliseconds() + connection.settings.wire.retryMilliseconds
    while true {
      let failure: DriverFailure
      switch ask(Body(action: "init", etag: md5), .repeatable) {
      case .success(let answer) where answer.hasFailed:
        let words = D1Words(answer.error)
        guard words.isTransient else { throw words.failure }
        failure = words.failure
      case .success(let answer): return answer
      case .failure(let error): throw error.failure
      }
      guard monotonicMilliseconds() < deadline,
        connection.watch.pause(milliseconds: connection.settings.wire.pollMilliseconds)
      else { throw failure }
    }
  }

  private func upload(to url: String) throws(DriverFailure) {
    try SignedURL.check(url, connection)
    var request = Request(method: "PUT", url: url, body: .file(file.path, bytes: file.bytes), timeout: nil)
    request.headers = ["Content-Type: application/octet-stream"]
    let response: Response
    do throws(CallFailure) {
      response = try remote.api.signed(request, subject: connection.name)
    } catch {
      throw error.failure
    }
    guard response.status == 200 else {
      throw DriverFailure(
        .io, "the upload of the import was refused with status \(response.status)", hint: "try again")
    }
    let etag = SignedURL.etag(response)
    guard etag == md5 else {
      throw DriverFailure(
        .io, etag == nil ? "the upload was not confirmed" : "the uploaded bytes arrived changed", hint: "try again")
    }
  }

  // MARK: The outcome

  private enum Outcome { case applied, notApplied, unknown }

  /// Looks for the receipt as long as D1 is busy with the file, and a little longer.
  /// - Parameter revoking: prevents the file from being run if it has not begun.
  private func outcome(_ sent: Int, revoking: Bool) -> Outcome {
    switch connection.findReceipt(sentAt: sent, revoking: revoking) {
    case .applied: return .applied
    case .unknown: return .unknown
    case .notApplied: if revoking { return .notApplied }
    }
    do throws(DriverFailure) {
      // It has not been completed. If nothing was written since, it has not begun either.
      return try connection.currentBookmark() == bookmark ? .notApplied : .unknown
    } catch {
      return .unknown
    }
  }

  /// Success, if the receipt says so.
  private func settled(_ failure: DriverFailure?, _ sent: Int) throws(DriverFailure) {
    var failure =
      failure
      ?? DriverFailure(.io, "D1 reported the import as complete, but its last statement was not run", outcome: .unknown)
    switch outcome(sent, revoking: true) {
    case .applied:
      guard connection.watch.wantsStop else { return }
      failure.outcome = .applied
    case .notApplied: failure.outcome = .notApplied
    case .unknown: failure.outcome = .unknown
    }
    throw failure
  }

  /// Whether D1's message means that it is not running the import.
  private static func isUnknown(_ words: String) -> Bool { words.lowercased().contains("not currently importing") }

  /// D1 reports that it failed. Because a file is not one transaction, earlier statements may have taken effect.
  /// - Returns: nil if it succeeded after all.
  private func failed(_ words: String, _ sent: Int) -> DriverFailure? {
    var failure = D1Words(words).failure
    let isGone = Self.isUnknown(words)
    if isGone {
      failure = DriverFailure(
        .io, "D1 no longer knows the import", hint: "check the database before you try again")
    }
    // An import is running, perhaps this one's previous attempt.
    let isOpen = isGone || D1Words(words).work == .refused
    switch isOpen ? outcome(sent, revoking: true) : quickOutcome() {
    // D1 may report this after a success, too.
    case .applied: return nil
    case .notApplied: failure.outcome = .notApplied
    case .unknown: failure.outcome = isOpen ? .unknown : .partial
    }
    return failure
  }

  /// D1 has ended it: there is nothing to wait for.
  private func quickOutcome() -> Outcome {
    do throws(DriverFailure) {
      return try connection.currentBookmark() == bookmark ? .notApplied : .unknown
    } catch {
      return .unknown
    }
  }
}

/// URLs that the API returns, for bytes in its storage. They are secrets, because anybody can use them for an hour.
enum SignedURL {
  static func check(_ url: String, _ connection: D1Connection) throws(DriverFailure) {
    let isLocal = connection.settings.wire.baseURL.hasPrefix("http://")
    guard url.hasPrefix("https://") || (isLocal && url.hasPrefix("http://")) else {
      throw DriverFailure(.io, "D1 returned a URL for the bytes that is not https")
    }
  }

  /// The MD5 that the storage reports.
  static func etag(_ response: Response) -> String? {
    guard var etag = response.headers["etag"] else { return nil }
    if etag.hasPrefix("W/") { etag.removeFirst(2) }
    etag.removeAll { $0 == "\"" }
    return etag.isEmpty ? nil : etag.lowercased()
  }
}

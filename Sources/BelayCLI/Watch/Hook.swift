import BelayBase
import BelayProcess
import BelayStore
import BelayText
import Crypto
import Foundation

/// One entry of `on_change`, ready for use: its variables are resolved.
struct Hook {
  private let settings: ChangeHook
  private let action: ChangeHook.Action
  /// Where a command runs: that of belay.yaml.
  private let folder: String
  /// For the log and for messages, without secrets: a webhook's path is often one.
  let label: String

  /// - Throws: `.usage` where a variable is not set.
  init(
    _ settings: ChangeHook, file: String?, folder: String, environment: [String: String]
  ) throws(BelayError) {
    self.settings = settings
    self.folder = folder
    func resolved(_ text: String) throws(BelayError) -> String {
      do { return try EnvironmentVariables.resolve(text, in: environment) } catch {
        let what =
          switch error {
          case .unset(let name): "needs the environment variable \(name), which is not set"
          case .malformed(let text): "contains `\(text)`, which is not a variable"
          }
        throw ConfigurationError(file: file ?? "", line: settings.line, message: "a hook \(what)").asBelayError
      }
    }
    switch settings.action {
    case .command(let command):
      action = settings.action
      label = "command `\(command.prefix(60))`"
    case .webhook(let url, let secret):
      let url = try resolved(url)
      action = .webhook(url: url, secret: try secret.map { (text) throws(BelayError) in try resolved(text) })
      label = "webhook of \(URL(string: url)?.host() ?? "an unknown host")"
    }
  }

  /// How it went.
  struct Outcome {
    var attempts: Int
    /// nil: it was told.
    var failure: String?
  }

  /// - Parameter isStopped: asked before another attempt; waits for that many seconds unless somebody asks to stop.
  func tell(_ change: CheckChange, isStopped: (Double) -> Bool) -> Outcome {
    let body: [UInt8]
    do {
      body = Array(try JSONLine.encode(change))
    } catch {
      return Outcome(attempts: 0, failure: "\(error)")
    }
    switch action {
    case .command(let command): return Outcome(attempts: 1, failure: run(command, change, body))
    case .webhook(let url, let secret):
      let call = WebhookCall(url: url, secret: secret, body: body, limitSeconds: settings.timeoutSeconds)
      var pause = 1.0
      for attempt in 1... {
        guard case .failed(let failure, let mayBeTriedAgain) = call.send() else { return Outcome(attempts: attempt) }
        guard mayBeTriedAgain, attempt <= settings.retries, !isStopped(pause) else {
          return Outcome(attempts: attempt, failure: failure)
        }
        pause = min(pause * 2, 30)
      }
      return Outcome(attempts: 0)
    }
  }

  private func run(_ command: String, _ change: CheckChange, _ body: [UInt8]) -> String? {
    let process = HookProcess(
      executable: "/bin/sh", arguments: ["sh", "-c", "cd \"$1\" && eval \"$2\"", "sh", folder, command],
      environment: [
        "BELAY_EVENT": change.event, "BELAY_TARGET": change.target, "BELAY_CHECK": change.check,
        "BELAY_BEFORE": change.before?.rawValue ?? "", "BELAY_STATUS": change.status.rawValue,
        "BELAY_FIGURE": change.figure, "BELAY_AT": change.at,
      ].mapValues(VisibleText.line), input: body)
    do {
      let outcome = try process.run(limit: .seconds(settings.timeoutSeconds))
      let output = VisibleText.line(outcome.output)
      let said = output.isEmpty ? "" : ": \(output.prefix(200))"
      switch outcome.ending {
      case .exited(0): return nil
      case nil: return "took more than \(DurationText.text(settings.timeoutSeconds)) and was ended\(said)"
      case let ending?: return "\(ending)\(said)"
      }
    } catch {
      return "cannot be started: \(error.reason)"
    }
  }
}

/// One message to a webhook, by the curl that is installed: belay itself links no HTTP.
struct WebhookCall {
  let url: String
  let secret: String?
  let body: [UInt8]
  let limitSeconds: Int

  enum Outcome {
    case told
    case failed(String, mayBeTriedAgain: Bool)
  }

  /// HMAC-SHA256 of the body, in hex.
  static func signature(of body: [UInt8], secret: String) -> String {
    let code = HMAC<SHA256>.authenticationCode(for: body, using: SymmetricKey(data: Array(secret.utf8)))
    return code.map { byte in
      let digits = String(byte, radix: 16)
      return digits.count == 1 ? "0\(digits)" : digits
    }.joined()
  }

  func send() -> Outcome {
    // The address goes by a file that others cannot see, as arguments can be seen by all: it is often a secret itself.
    var configuration = "url = \(Self.quoted(url))\n"
    for header in headers { configuration += "header = \(Self.quoted(header))\n" }
    let process = HookProcess(
      executable: "/usr/bin/env",
      arguments: [
        "env", "curl", "-q", "--silent", "--show-error", "--globoff", "--output", "/dev/null", "--write-out",
        "%{http_code}", "--max-time", "\(limitSeconds)", "--proto", "=http,https", "--request", "POST",
        "--data-binary", "@-", "--config", "/dev/fd/3",
      ], input: body, secondInput: Array(configuration.utf8))
    let outcome: HookProcess.Outcome
    do {
      outcome = try process.run(limit: .seconds(limitSeconds + 5))
    } catch {
      return .failed("curl cannot be started: \(error.reason)", mayBeTriedAgain: true)
    }
    switch outcome.ending {
    case .exited(0):
      let status = Int(outcome.output.suffix(3)) ?? 0
      if (200..<300).contains(status) { return .told }
      return .failed("answered \(status)", mayBeTriedAgain: status >= 500 || status == 408 || status == 429)
    case .exited(127): return .failed("curl is not installed", mayBeTriedAgain: false)
    case nil: return .failed("took more than \(DurationText.text(limitSeconds))", mayBeTriedAgain: true)
    case let ending?:
      // curl names the host, and nothing of the path.
      return .failed(
        outcome.output.isEmpty ? "curl \(ending)" : VisibleText.line(String(outcome.output.prefix(200))),
        mayBeTriedAgain: true)
    }
  }

  private var headers: [String] {
    let known = [
      "Content-Type: application/json", "User-Agent: belay/\(Belay.version)", "X-Belay-Event: check_change",
      "Expect:",
    ]
    return known + (secret.map { ["X-Belay-Signature: sha256=\(Self.signature(of: body, secret: $0))"] } ?? [])
  }

  private static func quoted(_ text: String) -> String {
    var quoted = "\""
    for character in text.unicodeScalars {
      switch character {
      case "\\": quoted += "\\\\"
      case "\"": quoted += "\\\""
      case "\n", "\r": break
      default: quoted.unicodeScalars.append(character)
      }
    }
    return quoted + "\""
  }
}

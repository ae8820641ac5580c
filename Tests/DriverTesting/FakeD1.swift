import Foundation

/// A fake of Cloudflare's D1 API (Tests/FakeD1), shared by the tests of a process and ended with it, also when it is killed.
///
/// Each test makes an account of its own: its databases, settings, clock, counters and faults are nobody else's.
package final class FakeD1: Sendable {
  package struct Failure: Error, CustomStringConvertible {
    package let description: String
  }

  package let port: UInt16
  /// nil: not by TLS.
  package let tlsPort: UInt16?
  private let process: Process
  /// While it is open the fake runs.
  private let lifeline: Pipe

  package static func shared() throws -> FakeD1 { try one.get() }

  private static let one = Result { try FakeD1() }

  /// - Parameter certificate: files of a certificate and its key, in PEM, for TLS.
  package init(certificate: [String] = []) throws {
    process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["python3", "\(Compiler.repository)/Tests/FakeD1/fake_d1.py"] + certificate
    lifeline = Pipe()
    let answers = Pipe()
    process.standardInput = lifeline
    process.standardOutput = answers
    try process.run()
    var line = ""
    while !line.hasSuffix("\n") {
      let more = answers.fileHandleForReading.availableData
      if more.isEmpty { break }
      line += String(decoding: more, as: UTF8.self)
    }
    let ports = line.split(whereSeparator: \.isWhitespace).compactMap { UInt16($0) }
    guard let port = ports.first, ports.count == (certificate.isEmpty ? 1 : 2) else {
      throw Failure(description: "the fake D1 did not start: scripts/needs brings python3, 3.11 or newer")
    }
    self.port = port
    tlsPort = ports.dropFirst().first
  }

  deinit {
    // Closed already: ended already.
    try? lifeline.fileHandleForWriting.close()
  }

  /// Where the API is: what CLOUDFLARE_API_BASE_URL is set to.
  package var baseURL: String { "http://127.0.0.1:\(port)/client/v4" }

  /// Makes an account. settings: changes to Tests/FakeD1/settings.py.
  package func makeAccount(_ settings: [String: any Sendable] = [:]) throws -> FakeD1Account {
    try FakeD1Account(fake: self, settings: settings)
  }

  /// Asks the control interface (Tests/FakeD1/control.py).
  package func control(_ method: String, _ path: String, _ body: [String: any Sendable] = [:]) throws -> Any {
    let content = try JSONSerialization.data(withJSONObject: body)
    let answer = try LoopbackHTTP.send(method, "/_fake/\(path)", content, port: port)
    let value = try JSONSerialization.jsonObject(with: answer.body)
    guard answer.status == 200 else {
      throw Failure(description: "\(path): \((value as? [String: Any])?["error"] ?? "status \(answer.status)")")
    }
    return value
  }
}

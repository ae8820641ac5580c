import BelayDrivers
import DriverTesting
import Foundation
import Testing

/// The driver as it was built, and an account of the fake for one test alone.
final class Subject: Sendable {
  let account: FakeD1Account
  let driver: Driver

  init(_ settings: [String: any Sendable] = [:]) throws {
    account = try FakeD1.shared().makeAccount(settings)
    let bundle = try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
    let folder = (bundle as NSString).deletingLastPathComponent
    try #require(
      FileManager.default.fileExists(atPath: folder + "/libbelay-driver-d1.so"),
      "it is missing: swift build --product belay-driver-d1")
    driver = try DriverSearch(paths: [], environment: [:], executable: folder + "/belay").load(named: "d1")
  }

  /// No test waits for what only guards the real service.
  static let quick = [
    "poll_ms": "5", "retry_pause_ms": "4", "settle_ms": "120", "retry_ms": "2500", "rate_limit_ms": "2500",
  ]

  func options(_ more: [String: String] = [:]) -> [DriverOption] {
    let fixed = [
      DriverOption(key: "api_token", value: account.token, isSecret: true),
      DriverOption(key: "api_base_url", value: account.baseURL),
    ]
    let given = Set(more.keys)
    return fixed.filter { !given.contains($0.key) }
      + Self.quick.merging(more) { _, new in new }.map { DriverOption(key: $0.key, value: $0.value) }
  }

  func url(_ name: String) -> String { "d1://\(account.id)/\(name)" }

  func open(_ name: String, _ options: [String: String] = [:]) throws -> Connection {
    try driver.open(url(name), options: self.options(options), operation: Operation())
  }

  /// A database with what SQL makes in it, past the API and its limits.
  func make(_ sql: String = "") throws -> FakeD1Database { try account.makeDatabase(sql: sql) }
}

extension FakeD1Account {
  fileprivate func makeDatabase(sql: String) throws -> FakeD1Database {
    try makeDatabase(FakeD1Account.freshName(), sql)
  }
}

extension Connection {
  func run(_ sql: String) throws { _ = try execute(sql, operation: Operation()) }

  func rows(_ sql: String, _ parameters: [Value] = []) throws -> [[Value]] {
    try values(sql, parameters: parameters, operation: Operation())
  }

  func dumped(_ format: String = "d1_copy", token: String? = nil) throws -> [UInt8] {
    var bytes: [UInt8] = []
    try dump(format, token: token, operation: Operation()) { bytes += $0 }
    return bytes
  }

  func restore(_ bytes: [UInt8], _ format: String = "d1_copy") throws {
    var rest = bytes[...]
    try restoreDump(format, operation: Operation()) { buffer in rest.fill(buffer) }
  }
}

extension ArraySlice<UInt8> {
  mutating func fill(_ buffer: UnsafeMutableRawBufferPointer) -> Int {
    let count = Swift.min(count, buffer.count)
    buffer.copyBytes(from: prefix(count))
    removeFirst(count)
    return count
  }
}

/// What a call throws; fails the test where it is no driver's error.
func failure(_ body: () throws -> Void) throws -> DriverError {
  try #require(#expect(throws: DriverError.self) { try body() })
}

/// The content without what belay keeps there for itself.
func content(_ database: FakeD1Database) throws -> String {
  try database.content().split(separator: "\n", omittingEmptySubsequences: false)
    .filter { !$0.contains("belay_receipts") && !$0.contains("belay_locks") }.joined(separator: "\n")
}

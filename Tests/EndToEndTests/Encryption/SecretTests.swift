import Foundation
import Synchronization
import Testing

@Suite("What others could see of keys")
struct SecretTests {
  @Test("no private key and no password is in arguments, in environments of age, in logs, reports or temporary files")
  func nothing() throws {
    let shop = try EncryptedShop()
    try shop.encrypts(shop.recipient, identity: "key.txt")
    try shop.folder.migration("1.sql", "-- belay: no-transaction\nDELETE FROM orders;\nSELECT missing;")
    let file = try String(contentsOf: shop.folder.folder.appending(path: "key.txt"), encoding: .utf8)
    let secret = String(try #require(file.firstMatch(of: /AGE-SECRET-KEY-\w+/)).0)
    let password = "hunter2-\(UUID().uuidString)"
    // So that there is time to look.
    try shop.folder.sqlite(
      """
      WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 100000)
        INSERT INTO log SELECT i, 'x' || i FROM n;
      """)
    let spy = Spy()
    let environment = ["SHOP_PASSWORD": password, "TMPDIR": shop.folder.folder.path]
    for arguments in [
      ["backup", "shop", "--verbose"], ["migrate", "shop", "--yes", "--no-rehearse", "--verbose"],
      ["verify", "latest", "--level", "restore", "--json"], ["restore", "latest", "--into", "sqlite:copy.db", "-v"],
      ["verify", "latest", "--identity", "missing.txt"],
    ] {
      let run = try shop.folder.belay(arguments, environment: environment)
      for text in [run.output, run.errors] { #expect(!Self.shows(text, secret) && !text.contains(password), "\(run)") }
    }
    let seen = spy.end()
    // Of belay, and of age.
    #expect(seen.arguments.contains { $0.contains("belay") } && seen.arguments.contains { $0.hasPrefix("age\0") })
    #expect(!seen.arguments.contains { Self.shows($0, secret) || $0.contains(password) })
    #expect(!seen.environmentsOfAge.isEmpty)
    #expect(!seen.environmentsOfAge.contains { Self.shows($0, secret) || $0.contains(password) })
    let found = try Program.run(
      "/usr/bin/env", ["grep", "-rlaF", "-e", secret, "-e", password, "-e", "AGE-SECRET-KEY", "."],
      in: shop.folder.folder)
    #expect(found.output == "./key.txt\n", "\(found)")
  }

  /// The whole key, or its body.
  private static func shows(_ text: String, _ secret: String) -> Bool {
    text.contains(secret) || text.contains(secret.dropFirst("AGE-SECRET-KEY-".count).prefix(20))
  }

  /// Looks at all processes, again and again.
  private final class Spy: Sendable {
    struct Seen: Sendable {
      var arguments: Set<String> = []
      var environmentsOfAge: Set<String> = []
    }

    private let seen = Mutex(Seen())
    private let isOver = Mutex(false)
    private let hasEnded = DispatchSemaphore(value: 0)

    init() {
      let thread = Thread { [self] in
        while !isOver.withLock({ $0 }) {
          look()
          usleep(1000)
        }
        hasEnded.signal()
      }
      thread.start()
    }

    func end() -> Seen {
      isOver.withLock { $0 = true }
      hasEnded.wait()
      return seen.withLock { $0 }
    }

    private func look() {
      for name in (try? FileManager.default.contentsOfDirectory(atPath: "/proc")) ?? [] where Int32(name) != nil {
        guard let words = Self.text("/proc/\(name)/cmdline"), !words.isEmpty else { continue }
        let environment = words.hasPrefix("age") ? Self.text("/proc/\(name)/environ") : nil
        seen.withLock { seen in
          seen.arguments.insert(words)
          if let environment, !environment.isEmpty { seen.environmentsOfAge.insert(environment) }
        }
      }
    }

    private static func text(_ path: String) -> String? {
      (try? Data(contentsOf: URL(filePath: path))).map { String(decoding: $0, as: UTF8.self) }  // gone meanwhile
    }
  }
}

import BelayDrivers
import DriverTesting
import Testing

@Suite("D1: opening") struct OpeningTests {
  @Test("a database is found by its name and by its id, and is one")
  func nameAndID() throws {
    let subject = try Subject()
    let database = try subject.account.makeDatabase("shop")
    _ = try subject.account.makeDatabase("shop-staging")
    #expect(try subject.open("shop").traits.identity == subject.open(database.id).traits.identity)
    #expect(try subject.open("shop").traits.identity == "d1:\(subject.account.id)/\(database.id)")
    #expect(try failure { _ = try subject.open("sho") }.code == .notFound)
  }

  @Test("errors are reported, never with the token")
  func refused() throws {
    let subject = try Subject()
    let database = try subject.make()
    let wrongToken = try failure { _ = try subject.open(database.name, ["api_token": "wrong-token"]) }
    #expect(wrongToken.code == .auth)
    #expect(!"\(wrongToken)".contains("wrong-token"))
    let wrongAccount = try failure {
      _ = try subject.driver.open("d1://0000/\(database.name)", options: subject.options(), operation: Operation())
    }
    #expect(wrongAccount.code == .denied)
    #expect(try failure { _ = try subject.open("00000000-0000-0000-0000-000000000000") }.code == .notFound)
    for token in ["two words", "line\nend", "é"] {
      #expect(try failure { _ = try subject.open(database.name, ["api_token": token]) }.code == .auth)
    }
    for url in [
      "d1:", "d1://", "d1://account", "d1://a/b/c", "d1://a b/c", "d1://a/b?c", "d1://user@a/b", "d1://a/%zz",
    ] {
      #expect(
        try failure { _ = try subject.driver.open(url, options: subject.options(), operation: Operation()) }.code
          == .invalid, "\(url)")
    }
  }

  @Test(
    "the token goes over https, or to this machine",
    arguments: [
      "http://example.com", "http://127.0.0.1.example.com", "http://127.0.0.1:80@example.com", "ftp://127.0.0.1",
      "example.com", "https://",
    ])
  func baseURL(url: String) throws {
    let subject = try Subject()
    #expect(try failure { _ = try subject.open("x", ["api_base_url": url]) }.code == .invalid)
  }

  @Test("a server that cannot be reached is reported")
  func unreachable() throws {
    let subject = try Subject()
    let error = try failure { _ = try subject.open("x", ["api_base_url": "http://127.0.0.1:1", "retry_ms": "50"]) }
    #expect(error.code == .io)
    #expect(error.outcome == .notApplied)
  }

  @Test("our own rate limit holds, so that Cloudflare's is never met")
  func rateLimit() throws {
    let subject = try Subject(["rate_calls": 20])
    let database = try subject.make("CREATE TABLE t (a)")
    let connection = try subject.open(database.name, ["calls_in_5_minutes": "20"])
    var error: DriverError?
    for _ in 0..<30 where error == nil {
      do {
        _ = try connection.values("SELECT 1", operation: Operation(timeout: .milliseconds(300)))
      } catch let failure {
        error = failure
      }
    }
    #expect(error?.code == .timeout)
    #expect(try subject.account.counts()["rate_limited", default: 0] == 0)
  }

  @Test("local databases of wrangler's are another driver's")
  func local() throws {
    let subject = try Subject()
    let folder = try TemporaryFolder()
    func redirect(_ url: String) throws -> String? { try subject.driver.redirect(url, operation: Operation()) }
    #expect(try redirect("d1://account/shop") == nil)
    #expect(try failure { _ = try redirect("d1-local:\(folder.path)") }.code == .notFound)
    let state = try folder.folder(".wrangler/state/v3/d1/miniflare-D1DatabaseObject")
    // What miniflare names the file of the id "test".
    let file = "\(state)/\(Self.nameOfTest).sqlite"
    _ = try folder.file(
      ".wrangler/state/v3/d1/miniflare-D1DatabaseObject/\(Self.nameOfTest).sqlite", "")
    for end in ["", "?database_id=test", "?binding=test"] {
      #expect(try redirect("d1-local:\(folder.path)\(end)") == "sqlite:\(file)")
    }
    #expect(try failure { _ = try redirect("d1-local:\(folder.path)?database_id=other") }.code == .notFound)
    #expect(try failure { _ = try redirect("d1-local:\(folder.path)?name=test") }.code == .invalid)
    _ = try folder.file(
      ".wrangler/state/v3/d1/miniflare-D1DatabaseObject/\(String(repeating: "0", count: 64)).sqlite", "")
    #expect(try failure { _ = try redirect("d1-local:\(folder.path)") }.code == .invalid)
    #expect(try redirect("d1-local:\(folder.path)?database_id=test") == "sqlite:\(file)")
    let opened = try failure {
      _ = try subject.driver.open("d1-local:\(folder.path)?binding=test", operation: Operation())
    }
    #expect(opened.code == .unsupported)
  }

  /// From Python: key = sha256(name); a = hmac(key, "test")[:16]; a + hmac(key, a)[:16].
  private static let nameOfTest = "4a62eb77e8027a07bc28bb740695334aa24b16763fe434d3b076a1d027f362a8"
}

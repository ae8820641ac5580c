import BelayDrivers
import DriverTesting
import Testing

@Suite("D1: TLS") struct TLSTests {
  /// For 127.0.0.1, and for another name; each vouches for itself.
  private func certificate(_ name: String, in folder: TemporaryFolder) throws -> [String] {
    let files = [folder("\(name).pem"), folder("\(name).key")]
    try Compiler.run(
      "openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", "/CN=\(name)", "-addext", "subjectAltName=\(name == "127.0.0.1" ? "IP" : "DNS"):\(name)",
        "-out", files[0], "-keyout", files[1],
      ])
    return files
  }

  private func open(_ fake: FakeD1, _ account: FakeD1Account, _ options: [String: String]) throws -> Connection {
    let port = try #require(fake.tlsPort)
    let own = [
      "api_base_url": "https://127.0.0.1:\(port)/client/v4", "api_token": account.token, "retry_ms": "60000",
    ]
    return try Subject().driver.open(
      "d1://\(account.id)/shop",
      options: own.merging(options) { $1 }.map { DriverOption(key: $0.key, value: $0.value) },
      operation: Operation())
  }

  @Test("a certificate that is believed for this name: all goes over TLS")
  func believed() throws {
    let folder = try TemporaryFolder()
    let files = try certificate("127.0.0.1", in: folder)
    let fake = try FakeD1(certificate: files)
    let account = try fake.makeAccount()
    _ = try account.makeDatabase("shop", "CREATE TABLE t (a); INSERT INTO t VALUES (1);")
    let connection = try open(fake, account, ["ca_file": files[0]])
    #expect(try connection.rows("SELECT a FROM t") == [[.integer(1)]])
    try connection.run("INSERT INTO t VALUES (2)")
    #expect(try connection.rows("SELECT count(*) FROM t") == [[.integer(2)]])
  }

  @Test(
    "a certificate that nobody vouches for, or of another name: nothing is sent, and it is told at once",
    arguments: [("127.0.0.1", false), ("api.example.org", true), ("api.example.org", false)])
  func refused(name: String, isBelieved: Bool) throws {
    let folder = try TemporaryFolder()
    let files = try certificate(name, in: folder)
    let fake = try FakeD1(certificate: files)
    let account = try fake.makeAccount()
    _ = try account.makeDatabase("shop")
    let began = ContinuousClock.now
    let error = try failure { _ = try open(fake, account, isBelieved ? ["ca_file": files[0]] : [:]) }
    #expect(ContinuousClock.now - began < soon, "no patience helps there")
    #expect(error.code == .io && error.outcome == .notApplied)
    #expect(error.hint?.contains("certificates") == true, "\(error)")
    #expect(try account.counts()["api", default: 0] == 0)
  }

  @Test("a file of certificates that is not there")
  func missing() throws {
    let folder = try TemporaryFolder()
    let fake = try FakeD1(certificate: try certificate("127.0.0.1", in: folder))
    let account = try fake.makeAccount()
    let error = try failure { _ = try open(fake, account, ["ca_file": folder("none.pem")]) }
    #expect(error.code == .io && error.hint?.contains("certificates") == true, "\(error)")
  }
}

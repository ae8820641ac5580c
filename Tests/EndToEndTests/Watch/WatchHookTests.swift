import DriverTesting
import Foundation
import Testing

@Suite("who is told of changes")
struct WatchHookTests {
  private static let check = "checks: [{name: many, row_count: {table: customers, min: 100}}]\n"

  private func watched(_ hooks: String) throws -> WatchedShop {
    try WatchedShop(checks: Self.check, watch: "watch:\n  on_change:\n" + hooks)
  }

  private func log(_ watched: WatchedShop) throws -> String {
    try String(contentsOf: watched.shop.store.appending(path: "watch/hooks.ndjson"), encoding: .utf8)
  }

  @Test func `a command gets the change as JSON and in variables; one that fails, hangs or floods is no harm`() throws {
    let watched = try watched(
      """
          - command: cat > told.json; echo "$BELAY_TARGET/$BELAY_CHECK/$BELAY_BEFORE/$BELAY_STATUS" > told.txt
          - command: no-such-command-here
          - {command: "sleep 60 & sleep 60", timeout: 1s}
          - command: "head -c 20000000 /dev/zero; exit 7"

      """)
    let run = try watched.shop.belay("watch", "--count", "1")
    #expect(run.status == 31, "\(run)")
    struct Told: Decodable { var event, target, check, status, figure: String }
    let folder = watched.shop.folder
    let told = try JSONDecoder().decode(Told.self, from: Data(contentsOf: folder.appending(path: "told.json")))
    #expect(told.event == "check_change" && told.check == "many" && told.status == "failed" && told.figure == "20 rows")
    #expect(try String(contentsOf: folder.appending(path: "told.txt"), encoding: .utf8) == "shop/many//failed\n")
    #expect(run.errors.contains("was not told of many: exited with status 127"), "\(run)")
    #expect(run.errors.contains("was not told of many: took more than 1 s and was ended"), "\(run)")
    #expect(run.errors.contains("was not told of many: exited with status 7") && run.errors.utf8.count < 20_000)
    #expect(try log(watched).split(separator: "\n").count == 4)
    // What has been told is not told again.
    try watched.shop.belay("watch", "--count", "1")
    #expect(try log(watched).split(separator: "\n").count == 4)
  }

  /// Answers 500, then 204; writes down what it got.
  private static let server = """
    import http.server, json, sys
    class H(http.server.BaseHTTPRequestHandler):
      def do_POST(self):
        body = self.rfile.read(int(self.headers['Content-Length']))
        got.append([self.path, dict(self.headers), body.decode()])
        self.send_response(500 if len(got) == 1 else 204)
        self.end_headers()
        if len(got) == 2: json.dump(got, open('got.json', 'w'))
      def log_message(self, *a): pass
    got = []
    s = http.server.HTTPServer(('127.0.0.1', 0), H)
    open('port', 'w').write(str(s.server_port))
    s.handle_request(); s.handle_request()
    """

  @Test func `a webhook is signed, tried again, and its address is in no argument and no log`() throws {
    let watched = try watched("    - {webhook: '${HOOK_URL}', secret: '${HOOK_SECRET}', retries: 1, timeout: 60s}\n")
    let folder = watched.shop.folder
    let server = try Program.start("/usr/bin/env", ["python3", "-c", Self.server], in: folder)
    defer { if server.process.isRunning { server.process.terminate() } }
    let file = folder.appending(path: "port")
    try eventually("the server's port") { (try? String(contentsOf: file, encoding: .utf8))?.isEmpty == false }
    let port = try String(contentsOf: file, encoding: .utf8)
    let environment = ["HOOK_URL": "http://127.0.0.1:\(port)/s3cret-path?a=[1]", "HOOK_SECRET": "key"]
    let run = try watched.shop.belay("watch", "--count", "1", environment: environment)
    #expect(run.status == 31 && !run.errors.contains("was not told"), "\(run)")
    _ = try server.wait()
    let verify = """
      import json, hmac, hashlib
      (p1, h1, b1), (p2, h2, b2) = json.load(open('got.json'))
      sign = 'sha256=' + hmac.new(b'key', b2.encode(), hashlib.sha256).hexdigest()
      print(p2, b1 == b2, h2['X-Belay-Signature'] == sign, h2['Content-Type'], json.loads(b2)['check'])
      """
    let read = try Program.run("/usr/bin/env", ["python3", "-c", verify], in: folder)
    #expect(read.output == "/s3cret-path?a=[1] True True application/json many\n", "\(read)")
    let log = try log(watched)
    #expect(log.contains(#""attempts":2"#) && log.contains("webhook of 127.0.0.1") && !log.contains("s3cret"), "\(log)")
  }

  @Test func `a webhook that is down is logged, and never fatal`() throws {
    let watched = try watched("    - {webhook: 'http://127.0.0.1:9/x', retries: 0}\n")
    let run = try watched.shop.belay("watch", "--count", "1")
    #expect(
      run.status == 31 && run.errors.contains("the webhook of 127.0.0.1 was not told of many: curl: (7)"), "\(run)")
    #expect(try log(watched).contains(#""failure":"curl: (7)"#))
  }

  @Test func `a webhook that is slow is given up after its time limit, and the rounds go on`() throws {
    let silent = try SilentServer()
    defer { silent.close() }
    let watched = try watched("    - {webhook: 'http://127.0.0.1:\(silent.port)/x', retries: 0, timeout: 1s}\n")
    let run = try watched.shop.belay("watch", "--count", "2", "--every", "10ms")
    #expect(run.status == 31 && run.errors.contains("was not told of many: curl: (28)"), "\(run)")
    #expect(try watched.rounds() == [1, 2])
  }

  @Test(
    "a hook that makes no sense is refused with its line",
    arguments: [
      ("    - {comand: x}\n", "belay.yaml:5: unknown key `comand`", 64),
      ("    - {webhook: 'ftp://x'}\n", "must begin with https://", 64),
      ("    - {command: x, webhook: 'https://x'}\n", "must have `command` or `webhook`", 64),
      ("    - {command: x, secret: y}\n", "is for a `webhook`", 64),
      ("    - {webhook: '${NOWHERE_SET}'}\n", "belay.yaml:5: a hook needs the environment variable NOWHERE_SET", 64),
    ])
  func wrong(hook: String, message: String, status: Int32) throws {
    let run = try watched(hook).shop.belay("watch", "--count", "1")
    #expect(run.status == status && run.errors.contains(message), "\(run)")
  }
}

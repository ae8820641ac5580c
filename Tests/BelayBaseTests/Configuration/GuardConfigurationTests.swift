import BelayBase
import Testing

@Suite("`guard:` in belay.yaml")
struct GuardConfigurationTests {
  private static let text = """
    guard:
      npx:
        url_env: DB
      npx prisma migrate:
        url_env: [DB, SHADOW]
        url_file: url.txt
        rehearse: false
        allow_loss: [posts, "old one"]
        allow_change: orders
        expect: ["rows(t) = before"]
      ./bin/migrate:
        allow_loss: x
    """

  private func definition(_ command: String) throws -> Configuration.GuardDefinition? {
    try Configuration.parse(Self.text, file: "/srv/shop/belay.yaml")
      .guardDefinition(of: command.split(separator: " ").map(String.init))
  }

  @Test("the one with the most words counts, and a program by its name")
  func choice() throws {
    #expect(try definition("npx prisma generate")?.urlVariables == ["DB"])
    #expect(try definition("/usr/bin/npx prisma migrate deploy")?.urlVariables == ["DB", "SHADOW"])
    #expect(try definition("./bin/migrate up")?.allowLoss == ["x"])
    #expect(try definition("migrate up") == nil)
    #expect(try definition("npx2") == nil)
  }

  @Test("every key reaches the request")
  func request() throws {
    var request = GuardRequest(command: [], folder: "/")
    try #require(try definition("npx prisma migrate deploy")).apply(to: &request)
    var expected = GuardRequest(command: [], folder: "/")
    expected.urlVariables = ["DB", "SHADOW"]
    expected.urlFile = "/srv/shop/url.txt"
    expected.rehearse = false
    expected.allowLoss = ["posts", "old one"]
    expected.allowChange = ["orders"]
    expected.expectations = ["rows(t) = before"]
    #expect(request == expected)
  }

  @Test("a slip is named with its line")
  func slips() {
    #expect(throws: ConfigurationError.self) {
      try Configuration.parse("guard:\n  npx:\n    allow: x\n", file: "/srv/belay.yaml")
    }
  }
}

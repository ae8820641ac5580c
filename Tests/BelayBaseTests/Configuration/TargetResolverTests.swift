import BelayBase
import Testing

@Suite("which target is meant")
struct TargetResolverTests {
  private func configuration(_ names: [String]) throws -> Configuration {
    let lines = names.map { "  \($0): kind:${SECRET}/\($0)" }
    return try Configuration.parse("targets:\n" + lines.joined(separator: "\n") + "\n", file: "/srv/belay.yaml")
  }

  private func resolver(_ names: [String], environment: [String: String] = ["SECRET": "p%40ss"]) throws
    -> TargetResolver
  {
    TargetResolver(try configuration(names), currentFolder: "/home/me", environment: environment)
  }

  private func choose(_ typed: String?, of names: [String]) throws -> Target {
    try resolver(names).target(typed)
  }

  @Test("a name takes its URL with the variable in it, and starts at the file's folder")
  func byName() throws {
    let chosen = try choose("shop", of: ["shop", "other"])
    #expect(chosen == Target(name: "shop", url: "kind:p%40ss/shop", folder: "/srv"))
  }

  @Test("a URL needs no file, and starts at the current folder")
  func byURL() throws {
    let chosen = try choose("sqlite:app.db", of: [])
    #expect(chosen == Target(url: "sqlite:app.db", folder: "/home/me"))
  }

  @Test("the only target need not be named")
  func theOnlyOne() throws {
    #expect(try choose(nil, of: ["shop"]).name == "shop")
  }

  @Test func `the driver's options come with the target`() throws {
    let text = "targets:\n  shop:\n    url: kind:shop\n    options:\n      tenant: blue\n"
    let configuration = try Configuration.parse(text, file: "/srv/belay.yaml")
    let resolver = TargetResolver(configuration, currentFolder: "/", environment: [:])
    #expect(try resolver.target("shop").options == ["tenant": "blue"])
    #expect(try resolver.target("kind:shop").options == [:])
  }

  private func recorded(_ name: String?, _ url: String) -> RecordedTarget {
    RecordedTarget(owner: "run 1", name: name, url: url, folder: "/then")
  }

  @Test func `what is typed overrides what is recorded, and a recorded name is looked up now`() throws {
    let resolver = try resolver(["shop", "other"])
    let record = recorded("shop", "kind://u:***@h/shop")
    #expect(try resolver.target("other", recorded: record).name == "other")
    #expect(try resolver.target("kind:x", recorded: record) == Target(url: "kind:x", folder: "/home/me"))
    let found = try resolver.target(nil, recorded: record)
    #expect(found == Target(name: "shop", url: "kind:p%40ss/shop", folder: "/srv"))
  }

  @Test(arguments: [nil, "gone"])
  func `a recorded URL is enough where it had no secret, and else a person names the target`(name: String?) throws {
    let resolver = try resolver(["shop"])
    let found = try resolver.target(nil, recorded: recorded(name, "kind:shop.db"))
    #expect(found == Target(name: name, url: "kind:shop.db", folder: "/then"))
    let error = try #require(throws: BelayError.self) {
      try resolver.target(nil, recorded: recorded(name, "kind://u:***@h/shop"))
    }
    #expect(error.kind == .usage)
    #expect(error.message.contains("run 1 belongs to kind://u:***@h/shop"))
    #expect(error.hint == "give the database with --target")
  }

  struct Refused: Sendable {
    let typed: String?
    let names: [String]
    let status: ExitStatus
    let hint: String
  }

  @Test(
    "what could mean none or several is refused, and those there are are named",
    arguments: [
      Refused(typed: nil, names: ["a", "b"], status: .usage, hint: "choose one of: a, b"),
      Refused(
        typed: nil, names: [], status: .usage,
        hint: "give a URL, such as sqlite:shop.db, or start a belay.yaml with `belay init`"),
      Refused(typed: "shpo", names: ["shop", "b"], status: .notFound, hint: "did you mean `shop`?"),
      Refused(
        typed: "app.db", names: ["shop"], status: .notFound,
        hint: "/srv/belay.yaml defines: shop; if it is a SQLite file, write sqlite:app.db"),
      Refused(
        typed: "app.db", names: [], status: .notFound,
        hint: "if it is a SQLite file, write sqlite:app.db"),
    ])
  func refused(_ refused: Refused) throws {
    let error = try #require(throws: BelayError.self) { try choose(refused.typed, of: refused.names) }
    #expect(ExitStatus(error.kind) == refused.status)
    #expect(error.hint == refused.hint)
  }

  @Test("a variable that is not set is named, with the line that wants it")
  func unset() throws {
    let resolver = try resolver(["a", "shop"], environment: [:])
    let error = try #require(throws: BelayError.self) { try resolver.target("shop") }
    #expect(
      error.message
        == "/srv/belay.yaml:3: target `shop` needs the environment variable SECRET, which is not set")
    #expect(error.kind == .usage)
  }

  @Test(
    "variables are put in where they stand",
    arguments: [
      ("a", "a"), ("${A}", "1"), ("x${A}y${B_2}z", "x1y2z"), ("$A and {A}", "$A and {A}"), ("${A}${A}", "11"),
    ])
  func resolved(text: String, expected: String) throws {
    #expect(try EnvironmentVariables.resolve(text, in: ["A": "1", "B_2": "2"]) == expected)
  }

  @Test(
    "what is no variable is refused",
    arguments: [
      ("${C}", EnvironmentVariables.Failure.unset("C")), ("a${A", .malformed("${A")), ("${}", .malformed("${}")),
      ("${A B}", .malformed("${A B}")), ("${A:-x}", .malformed("${A:-x}")),
    ])
  func refusedVariable(text: String, expected: EnvironmentVariables.Failure) {
    #expect(throws: expected) { try EnvironmentVariables.resolve(text, in: ["A": "1"]) }
  }

  @Test(
    "a URL has a scheme",
    arguments: [
      ("sqlite:a", true), ("d1://a/b", true), ("a+b.c-1:x", true), ("app.db", false), (":a", false), ("a:", false),
      ("1a:b", false), ("a b:c", false), ("./a:b", false), ("", false),
    ])
  func isURL(text: String, expected: Bool) {
    #expect(Configuration.isURL(text) == expected)
  }

  @Test(
    "a typing error is answered with the nearest name",
    arguments: [
      ("migration", "migrations"), ("fromats", "formats"), ("Store", "store"), ("targte", "targets"), ("zzz", nil),
      ("", nil),
    ] as [(String, String?)])
  func nearest(typed: String, expected: String?) {
    #expect(NearestName.to(typed, among: ["targets", "store", "migrations", "formats"]) == expected)
  }
}

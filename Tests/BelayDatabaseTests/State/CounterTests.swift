import BelayArchive
import BelayBase
import BelayDrivers
import Testing

@testable import BelayDatabase

@Suite("Counters, which no transaction keeps where they are")
struct CounterTests {
  private static func counter(_ value: Int64?, _ step: Int64 = 1, key: String = "s") -> Counter {
    Counter(key: ["public", key], value: value, step: step)
  }

  static let pairs: [(what: String, was: [Counter], now: [Counter], matches: Bool)] = [
    ("stands where it stood", [counter(5)], [counter(5)], true),
    ("has moved on", [counter(5)], [counter(6)], true),
    ("has gone back", [counter(5)], [counter(4)], false),
    ("goes down, and has", [counter(-5, -1)], [counter(-6, -1)], true),
    ("goes down, and has gone up", [counter(-5, -1)], [counter(-4, -1)], false),
    ("goes round", [counter(5, 0)], [counter(1, 0)], true),
    ("was used first", [counter(nil)], [counter(1)], true),
    ("was never used, it says now", [counter(1)], [counter(nil)], false),
    ("steps otherwise", [counter(5)], [counter(6, 2)], false),
    ("is another", [counter(5)], [counter(5, key: "t")], false),
    ("is gone", [counter(5)], [], false),
    ("has come", [counter(5)], [counter(5), counter(1, key: "t")], false),
  ]

  @Test(arguments: pairs)
  func `they match an earlier reading where they have only moved on`(
    _ pair: (what: String, was: [Counter], now: [Counter], matches: Bool)
  ) {
    let was = TableState(rows: UInt64(pair.was.count), digest: "a", counters: pair.was)
    let now = TableState(rows: UInt64(pair.now.count), digest: "b", counters: pair.now)
    #expect(now.matches(was) == pair.matches, "\(pair.what)")
  }

  @Test func `an archive of before they were told apart is held to their number only`() {
    let was = TableState(rows: 1, digest: "a")
    #expect(TableState(rows: 1, digest: "b", counters: [Self.counter(1)]).matches(was))
    #expect(!TableState(rows: 2, digest: "b", counters: [Self.counter(1), Self.counter(1, key: "t")]).matches(was))
    // What is no counter is compared by its digest.
    #expect(!TableState(rows: 1, digest: "b").matches(was))
  }
}

@Suite("Another version of the engine")
struct RewordingTests {
  private func rewording(_ archive: String, _ now: String) -> Rewording {
    var traits = Traits()
    (traits.serverName, traits.serverVersion) = ("PostgreSQL", now)
    return Rewording(
      archive: TargetRecord(
        url: "", identity: "", driver: "", driverVersion: "", driverSHA256: "", serverName: "PostgreSQL",
        serverVersion: archive, databaseBytes: 0), now: traits)
  }

  private func object(_ definition: String, type: String = "") -> SchemaObject {
    SchemaObject(kind: "view", name: "v", nativeType: type, definition: definition)
  }

  @Test func `words a definition differently, and nothing else`() {
    let reworded = StateDifference.objectChanged(object("b"), was: object("a"))
    #expect(rewording("15.18", "17.2").explains(reworded))
    #expect(!rewording("15.18", "15.19").explains(reworded))
    #expect(
      !rewording("15.18", "17.2").explains(.objectChanged(object("a", type: "int"), was: object("a", type: "text"))))
    #expect(!rewording("15.18", "17.2").explains(.objectMissing(object("a"))))
    let rows = TableState(rows: 1, digest: "a")
    #expect(!rewording("15.18", "17.2").explains(.rows(TableName(name: "t"), was: rows, now: rows)))
  }
}

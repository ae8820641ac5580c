import BelayConformance
import DriverTesting
import Foundation
import Testing

/// Each rule catches a driver that breaks it.
@Suite("Rules on a driver that misbehaves")
struct FaultyTests {
  /// A way in which the faulty driver misbehaves, and a rule that it breaks. After a comma: as another engine.
  struct Misbehaviour: Sendable, CustomTestStringConvertible {
    let rule: Int
    let mode: String
    var testDescription: String { "\(rule) \(mode)" }
  }

  static let all: [Misbehaviour] = table.flatMap { rule, modes in modes.map { Misbehaviour(rule: rule, mode: $0) } }
    .sorted { $0.testDescription < $1.testDescription }

  /// Rule 101 is broken by what is built, not by a mode.
  private static let table: [Int: [String]] = [
    102: ["entry-opens"], 103: ["no-catalog"], 104: ["moving-extensions"], 111: ["reads-beyond-the-host"],
    112: ["this-host-only"],
    201: ["create-overwrites"], 202: ["makes-what-is-missing"], 203: ["any-option"], 204: ["no-scratch-dir"],
    205: ["writes-read-only"], 206: ["garbage-is-io"], 207: ["new-identity"], 208: ["leaks-descriptors"],
    209: ["connection-of-a-failure"], 210: ["stale-size"], 211: ["one-thread"],
    301: ["empty-is-null"], 302: ["no-columns-without-rows"], 303: ["parameters-unbound"], 304: ["miscounts"],
    305: ["cuts-long-values"], 306: ["len-of-null"], 307: ["query-writes"],
    311: ["32-bit-integers"], 312: ["single-reals"], 313: ["false-only"], 314: ["blobs-end-at-nul"],
    315: ["three-byte-text"], 316: ["null-is-empty"], 317: ["repairs-text"],
    401: ["odd-offset", "wrong-code"], 402: ["missing-is-corrupt"], 403: ["constraint-is-sql"],
    404: ["says-nothing-applied", "one-row-lists,says-nothing-applied"], 405: ["goes-on"], 406: ["first-only"],
    407: ["fails-twice"], 408: ["cut-is-sql"],
    421: ["stays-cancelled"], 422: ["never-polls"], 423: ["deaf"], 424: ["no-deadline"], 425: ["interrupt-stays"],
    426: ["one-at-a-time"], 441: ["own-codes"], 442: ["deaf-catalog"],
    501: ["no-key", "columns-of-nobody"], 502: ["restless-catalog"],
    503: ["ddl-without-indexes", "load-makes-a-table"], 504: ["no-views"],
    505: ["names-are-folded"], 506: ["drop-does-nothing"], 507: ["hex-is-cut", "virtual-counters,loses-counters"],
    508: ["alters-columns", "check-objects,loses-checks"],
    601: ["rollback-commits"], 602: ["failure-is-kept"], 603: ["close-commits"], 604: ["ddl-commits"],
    605: ["no-begin"], 606: ["no-begin"], 607: ["half-atomic"],
    701: ["line-is-1"], 702: ["splits-strings"], 703: ["tells-no-writes", "folds-names,writes-as-typed"],
    704: ["split-fails"],
    705: ["counts-comments"], 706: ["tells-no-columns"],
    721: ["restores-nothing"], 722: ["restore-loses-indexes"], 723: ["short-reads"], 724: ["takes-cut-dumps"],
    725: ["ignores-the-sink"], 726: ["failure-is-the-end"], 727: ["any-format"], 728: ["text-of-cut-dumps"],
    744: ["read-loses-a-row", "columns-reversed"], 745: ["loads-one-row"], 746: ["loads-half", "names-are-text"],
    747: ["load-commits"], 748: ["reads-the-present"], 749: ["own-codes"],
    750: ["loads-blobs-as-text", "folds-names,loads-blobs-as-text"],
    761: ["moving-view"], 762: ["dumps-the-present"], 763: ["any-token"],
    781: ["drops-nothing"], 782: ["promotes-nothing"], 783: ["keeps-no-former"], 784: ["any-name"],
    801: ["cannot-be-undone"], 811: ["wrong-index"],
    821: ["locks-nobody-out"], 822: ["lock-stays"], 823: ["lock-ends-with-the-transaction"],
    831: ["lists-itself"], 832: ["ends-anybody"], 841: ["runs-what-it-explains"], 851: ["lint-line"],
    861: ["finds-what-is-not"], 871: ["preflight-writes"], 881: ["counts-nothing"],
    882: ["counts-no-cascades"], 883: ["doubts-what-is-sound"], 891: ["reset-commits"],
    892: ["tables-elsewhere"], 893: ["shares-everything"], 894: ["makes-anything"],
    901: ["leaks-memory"], 902: ["prints"],
  ]

  /// They would last for minutes.
  private static let endless: Set<String> = ["deaf", "no-deadline", "hangs"]

  private static func result(_ rule: Int, _ mode: String) throws -> RuleRecord {
    let limit = endless.contains(mode) ? ["--limit", "4"] : []
    let subject: ConformanceSubject = mode.contains(",") ? .otherEngine : .faulty
    let results = try BelayProgram.test(
      subject, ["--rule", "\(rule)"] + limit, environment: ["BELAY_FAULTY": mode])
    return try #require(results.first)
  }

  @Test("a rule fails on a driver that breaks it", arguments: all)
  func caught(misbehaviour: Misbehaviour) throws {
    let result = try Self.result(misbehaviour.rule, misbehaviour.mode)
    #expect(result.verdict == "fail")
    #expect(result.reason?.isEmpty == false)
  }

  @Test("a rule fails on a driver that shows more than one symbol")
  func exports() throws {
    let results = try BelayProgram.test(
      .faulty, ["--rule", "101"], file: ConformanceSubject.exportingFile.get())
    #expect(results.first?.reason?.hasPrefix("it exports ") == true, "\(results)")
  }

  @Test("where rows differ, the columns are named that hold other values")
  func columns() throws {
    let reason = try Self.result(503, "virtual-counters,loses-counters").reason
    let rows = "recreated from its catalog, the rows of sequence values differ: 1 rows, 1 expected"
    #expect(reason == "\(rows); other values are in column value")
  }

  @Test("every rule has a misbehaviour that it catches")
  func covered() {
    #expect(Set(Self.table.keys).union([101]) == Set(Rule.all.map(\.number)))
  }

  @Test("every misbehaviour is one that the driver knows")
  func known() throws {
    let folder = "\(Compiler.repository)/Plugins/Examples/faulty"
    let source = try ["faulty.c", "extensions.c", "engines.c"].map {
      try String(contentsOfFile: "\(folder)/\($0)", encoding: .utf8)
    }.joined()
    for mode in Self.all.flatMap({ $0.mode.split(separator: ",") }) {
      #expect(source.contains("is(\"\(mode)\")"), "\(mode)")
    }
  }

  @Test(
    "a driver that crashes, hangs or ends the process fails its rule by name, and the suite goes on",
    arguments: [
      ("crashes", "it crashed: SIGSEGV"), ("hangs", "it was still running after 4 s"),
      ("exits", "it ended the process with exit status 3"),
    ])
  func survives(mode: String, reason: String) throws {
    #expect(try Self.result(301, mode).reason?.hasPrefix(reason) == true)
  }
}

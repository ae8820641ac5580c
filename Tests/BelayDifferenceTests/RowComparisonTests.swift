import BelayDifference
import BelayRows
import CBelayDriver
import Foundation
import SystemPackage
import Testing

@Suite("Rows of two sides")
struct RowComparisonTests {
  private static let folder = FilePath(FileManager.default.temporaryDirectory.path)

  private static func record(_ key: Int64?, _ rest: Value...) -> RowRecord {
    var cells = CellBuffer()
    if let key { cells.append(.integer(key)) } else { cells.append(.null) }
    for value in rest { cells.append(value) }
    var found: [RowRecord] = []
    let shape = RowShape(places: Array(0...rest.count), key: [0])
    cells.withBatch(columns: rest.count + 1) { batch in shape.eachRecord(of: batch.pointee) { found.append($0) } }
    return found[0]
  }

  private static func sorted(_ rows: [RowRecord], memory: Int = 1 << 20) throws -> any RowSource {
    let sorter = RowSorter(folder: folder, memory: memory)
    for row in rows { try sorter.add(row) }
    return try sorter.sorted()
  }

  private static func compare(
    _ first: [RowRecord], _ second: [RowRecord], memory: Int = 1 << 20
  ) throws -> (RowCounts, [RowDifference]) {
    var found: [RowDifference] = []
    let counts = try RowCounts(of: sorted(first, memory: memory), and: sorted(second, memory: memory)) {
      found.append($0)
    }
    return (counts, found)
  }

  @Test func `rows are matched by their key, whatever order they come in, and told in the key's order`() throws {
    let same = Self.record(7, .text("same"))
    let (counts, found) = try Self.compare(
      [Self.record(300, .text("gone")), same, Self.record(-5, .text("old"))],
      [Self.record(-5, .text("new")), Self.record(Int64.max, .text("added")), same])
    #expect(counts == RowCounts(equal: 1, onlyFirst: 1, onlySecond: 1, different: 1))
    #expect(
      found == [
        .different(Self.record(-5, .text("old")), Self.record(-5, .text("new"))),
        .onlyFirst(Self.record(300, .text("gone"))), .onlySecond(Self.record(.max, .text("added"))),
      ])
  }

  @Test func `rows without a key are counted by their content, and as often as they are there`() throws {
    let one = Self.record(nil, .text("a"))
    let other = Self.record(nil, .text("b"))
    let (counts, found) = try Self.compare([one, one, one, other], [other, one, other])
    #expect(counts == RowCounts(equal: 2, onlyFirst: 2, onlySecond: 1))
    #expect(found == [.onlyFirst(one), .onlyFirst(one), .onlySecond(other)])
  }

  static let values: [(Value, Value)] = [
    (.integer(1), .real(1)), (.integer(1), .text("1")), (.integer(1), .bool(true)), (.null, .text("")),
    (.text(""), .blob([])), (.text("a"), .text("a\0")), (.blob([0]), .blob([0, 0])), (.real(0), .real(-0.0)),
    (.text("é"), .text("e\u{301}")), (.integer(.max), .integer(.max - 1)),
  ]

  @Test("values that look alike are different", arguments: values)
  func alike(one: Value, other: Value) throws {
    let (counts, _) = try Self.compare([Self.record(1, one)], [Self.record(1, other)])
    #expect(counts == RowCounts(different: 1))
  }

  @Test("text and the engine's own text form are the same, and a NaN is a NaN")
  func same() throws {
    let odd = Double(bitPattern: 0x7ff8_0000_0000_0001)
    let (counts, _) = try Self.compare(
      [Self.record(1, .native("12.50")), Self.record(2, .real(.nan))],
      [Self.record(1, .text("12.50")), Self.record(2, .real(odd))])
    #expect(counts == RowCounts(equal: 2))
  }

  @Test("a key is in its own order, of one column and of two")
  func order() throws {
    let keys: [Value] = [
      .bool(false), .bool(true), .integer(.min), .integer(-1), .integer(0), .integer(256), .integer(.max),
      .real(-.infinity), .real(-1.5), .real(0), .real(1e300), .text(""), .text("\0"), .text("\0a"), .text("a"),
      .text("a\0"), .text("ab"), .text("b"), .blob([]), .blob([0]), .blob([255]),
    ]
    let shape = RowShape(places: [0, 1], key: [0, 1])
    var rows: [RowRecord] = []
    for first in keys {
      for second in [Value.integer(1), .integer(2)] {
        var cells = CellBuffer()
        cells.append(first)
        cells.append(second)
        cells.withBatch(columns: 2) { batch in shape.eachRecord(of: batch.pointee) { rows.append($0) } }
      }
    }
    let source = try Self.sorted(rows.shuffled())
    for row in rows { #expect(try source.next() == row) }
    #expect(try source.next() == nil)
  }

  @Test(
    "what does not fit into memory is sorted on the disk, and nothing is left there", arguments: [1, 4096, 100_000])
  func spilled(memory: Int) throws {
    let own = FilePath(FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path)
    try FileManager.default.createDirectory(atPath: own.string, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(atPath: own.string) }
    let rows = (0..<3000).map { Self.record(Int64($0) - 1500, .text(String(repeating: "x", count: $0 % 300))) }
    let sorter = RowSorter(folder: own, memory: memory)
    for row in rows.shuffled() { try sorter.add(row) }
    let source = try sorter.sorted()
    #expect(try FileManager.default.contentsOfDirectory(atPath: own.string) == [])
    for row in rows { #expect(try source.next() == row) }
    #expect(try source.next() == nil)
  }

  @Test func `a row is made again as it was`() throws {
    let values: [Value] = [
      .integer(1), .null, .bool(true), .real(-0.5), .text("e\u{301}\n"), .blob([0, 255]), .text(""), .integer(.min),
    ]
    var cells = CellBuffer()
    for value in values { cells.append(value) }
    var rows: [RowRecord] = []
    let shape = RowShape(places: [3, 2, 1, 0, 7, 6, 5, 4], key: [])
    cells.withBatch(columns: 8) { batch in shape.eachRecord(of: batch.pointee) { rows.append($0) } }
    let types = try #require(rows.first).withBatch(columns: 8) { batch in
      (0..<8).map { batch.cells[$0].type }
    }
    #expect(
      types == [
        CellType.real, CellType.bool, CellType.null, CellType.integer, CellType.integer, CellType.text, CellType.blob,
        CellType.text,
      ])
    let again = try #require(rows.first).withBatch(columns: 8) { batch -> [RowRecord] in
      var found: [RowRecord] = []
      RowShape(places: Array(0..<8), key: []).eachRecord(of: batch) { found.append($0) }
      return found
    }
    #expect(again.first?.content == rows.first?.content)
  }

  @Test func `a folder that takes no file is named`() throws {
    let sorter = RowSorter(folder: "/nowhere/at all", memory: 1)
    let error = try #require(#expect(throws: SpillError.self) { try sorter.add(Self.record(1)) })
    #expect(error.description == "cannot use a temporary file in /nowhere/at all: no such file or directory")
  }
}

import BelayBase
import BelayCLI
import Testing

@Suite("amounts as a person reads them")
struct WordingTests {
  @Test(
    "durations",
    arguments: [
      (0.04, "0.0 s"), (9.94, "9.9 s"), (9.96, "10 s"), (59.4, "59 s"), (59.6, "1 min 00 s"), (185, "3 min 05 s"),
      (7620, "2 h 07 min"),
    ])
  func duration(seconds: Double, expected: String) {
    #expect(Wording.duration(.seconds(seconds)) == expected)
  }

  @Test("counts", arguments: [(0, "0"), (999, "999"), (1000, "1,000"), (1_234_567, "1,234,567")] as [(UInt64, String)])
  func count(number: UInt64, expected: String) {
    #expect(Wording.count(number) == expected)
  }
}

@Suite("progress bars")
struct ProgressBarsTests {
  @Test("a piece that is done leaves the lines, and others stay")
  func done() {
    var bars = ProgressBars()
    bars.take(ProgressUpdate(what: "a", done: 1, total: 2, unit: .rows), at: .zero)
    bars.take(ProgressUpdate(what: "b", done: 1, total: 2, unit: .rows), at: .zero)
    bars.take(ProgressUpdate(what: "a", done: 2, total: 2, unit: .rows), at: .seconds(1))
    #expect(bars.lines(at: .seconds(1), columns: 80) == ["  b  [############............]  50%"])
  }

  @Test("a piece whose last bit nobody tells of leaves the lines when it has ended", arguments: [0, 100] as [UInt64])
  func ended(total: UInt64) {
    var bars = ProgressBars()
    bars.take(ProgressUpdate(what: "a", done: 97, total: total, unit: .driver), at: .zero)
    #expect(!bars.isEmpty)
    bars.take(ProgressUpdate(what: "a", done: 97, total: total, unit: .driver, ended: true), at: .seconds(1))
    #expect(bars.isEmpty)
  }

  @Test("without a total there is an amount and a rate")
  func noTotal() {
    var bars = ProgressBars()
    bars.take(ProgressUpdate(what: "a", done: 0, total: 0, unit: .rows), at: .zero)
    bars.take(ProgressUpdate(what: "a", done: 4000, total: 0, unit: .rows), at: .seconds(2))
    #expect(bars.lines(at: .seconds(2), columns: 80) == ["  a  4,000 rows  2,000 rows/s"])
  }

  @Test("of a driver's own unit only the share is told, and bytes where the total is unknown; one row is a row")
  func units() {
    func line(_ done: UInt64, of total: UInt64, _ unit: ProgressUpdate.Unit) -> [String] {
      var bars = ProgressBars()
      bars.take(ProgressUpdate(what: "a", done: 0, total: total, unit: unit), at: .zero)
      bars.take(ProgressUpdate(what: "a", done: done, total: total, unit: unit), at: .seconds(2))
      return bars.lines(at: .seconds(2), columns: 80)
    }
    #expect(line(50, of: 100, .driver) == ["  a  [############............]  50%  2.0 s left"])
    #expect(line(5_000_000, of: 0, .driver) == ["  a  5.0 MB  2.5 MB/s"])
    #expect(line(50, of: 100, .rows) == ["  a  [############............]  50%  25 rows/s  2.0 s left"])
    #expect(line(50, of: 100, .steps) == ["  a  [############............]  50%  2.0 s left"])
    #expect(line(2, of: 0, .rows) == ["  a  2 rows  1 row/s"])
  }

  @Test("a count that goes back, or beyond its total, breaks nothing")
  func odd() {
    var bars = ProgressBars()
    bars.take(ProgressUpdate(what: "a", done: 9, total: 10, unit: .driver), at: .zero)
    bars.take(ProgressUpdate(what: "a", done: 2, total: 10, unit: .driver), at: .seconds(1))
    #expect(bars.lines(at: .seconds(1), columns: 80) == ["  a  [####....................]  20%"])
    bars.take(ProgressUpdate(what: "a", done: 11, total: 10, unit: .driver), at: .seconds(2))
    #expect(bars.isEmpty)
  }

  @Test("no line is wider than the terminal")
  func narrow() {
    var bars = ProgressBars()
    bars.take(ProgressUpdate(what: "a long name of something", done: 1, total: 2, unit: .bytes), at: .zero)
    #expect(bars.lines(at: .zero, columns: 20).allSatisfy { $0.count < 20 })
  }
}

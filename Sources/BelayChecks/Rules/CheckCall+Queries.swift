import BelayBase
import BelayDatabase
import BelayDrivers
import CBelayDriver

/// Rules with a query that a person has written.
extension CheckCall {
  func query(_ sql: String, expect: String?) throws(Unmeasured) -> Measurement {
    var count = 0
    var first: String?
    var sample: [String] = []
    do {
      try connection.query(
        sql, operation: operation(),
        rows: { batch in
          if sample.count < 5 {
            var head = batch
            head.nrows = min(batch.nrows, UInt64(5 - sample.count))
            let texts = head.values.map { $0.map(\.asText) }
            if count == 0 { first = texts.first?.first }
            sample += texts.map { $0.joined(separator: ", ") }
          }
          count += Int(batch.nrows)
        })
    } catch {
      throw broken(error)
    }
    return .ofQuery(rows: count, value: first, expect: expect, sample: sample)
  }

  func duration(_ sql: String, most: Int) throws(Unmeasured) -> Measurement {
    let began = ContinuousClock.now
    var isCutOff = false
    do {
      try connection.query(sql, operation: operation(), rows: { _ in })
    } catch {
      // What is ended by the check's time limit has been slower than that.
      guard isOver, !Duration.milliseconds(most).isLonger(than: began.duration(to: .now)) else { throw broken(error) }
      isCutOff = true
    }
    let seconds = began.duration(to: .now).seconds
    let milliseconds = Int(seconds * 1000)
    return Measurement(
      milliseconds > most || isCutOff ? .inTime : .none,
      figure: (isCutOff ? "more than " : "") + Self.text(milliseconds), threshold: "at most \(Self.text(most))",
      number: CheckResult.Number(seconds, unit: "s", most: Double(most) / 1000))
  }

  private static func text(_ milliseconds: Int) -> String {
    milliseconds < 10_000 || milliseconds % 1000 != 0 ? "\(milliseconds) ms" : DurationText.text(milliseconds / 1000)
  }
}

extension Duration {
  fileprivate func isLonger(than other: Duration) -> Bool { self > other }
}

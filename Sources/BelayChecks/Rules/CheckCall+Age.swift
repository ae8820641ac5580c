import BelayBase
import BelayDatabase
import BelayDrivers
import Foundation

extension CheckCall {
  func fresh(_ table: String, _ column: String, within seconds: Int) throws(Unmeasured) -> Measurement {
    let relation = try relation(table)
    let quoted = try relation.quotedColumn(column, traits)
    let threshold = "within \(DurationText.text(seconds))"
    let value = try values("SELECT max(\(quoted)) FROM \(relation.quoted(traits))").first?.first ?? .null
    guard !value.isNull else { return Measurement(.inTime, figure: "no value at all", threshold: threshold) }
    guard let moment = StoredMoment(value)?.date else {
      throw .broken(
        BelayError(
          .checkFailed, "the newest value of \(relation.label).\(column) is `\(value.asText)`, which is not a moment",
          hint:
            "a moment is a timestamp, a date, text as in ISO 8601, or a number of seconds or milliseconds since 1970"))
    }
    let age = Date().timeIntervalSince(moment)
    let number = CheckResult.Number(age.rounded(), unit: "s", most: Double(seconds))
    // A row of the future would hide for years that nothing new arrives.
    guard age >= -Double(seconds) else {
      var found = Measurement(
        .inTime, figure: "a moment in the future: \(value.asText)", threshold: threshold, number: number)
      found.hint = "a moment without a time zone is read as UTC"
      return found
    }
    return Measurement(
      age > Double(seconds) ? .inTime : .none, figure: "\(DurationText.span(Int(age))) old", threshold: threshold,
      number: number)
  }
}

import BelayArchive
import BelayBase
import BelayDrivers

extension CheckCall {
  func shrank(_ table: String, _ percent: Double) throws(Unmeasured) -> Measurement {
    let relation = try relation(table)
    let backup: LastBackup.Rows?
    do { backup = try subject.backup.rows() } catch { throw .broken(error) }
    guard let backup else {
      throw .broken(
        BelayError(
          .checkFailed, "there is no backup to compare with", hint: "`belay backup` makes one"))
    }
    let name = TableName(schema: relation.object.schema, name: relation.object.name)
    let now = try count("SELECT count(*) FROM \(relation.quoted(traits))")
    guard let then = backup.tables[name] else {
      // It is younger than the backup, so that it cannot have lost anything since.
      return Measurement(
        .none, figure: "\(Counted.rows(now)), not in the last backup", threshold: Self.text(percent))
    }
    let lost = then == 0 ? 0 : max(0, (Double(then) - Double(now)) / Double(then) * 100)
    let figure = "\(Counted.rows(now)), \(Counted.rows(then)) in \(backup.archive)"
    return Measurement(
      lost > percent ? .by(lost) : .none,
      figure: lost > 0 ? "\(Self.number(lost)) % fewer: \(figure)" : figure, threshold: Self.text(percent),
      number: CheckResult.Number((lost * 100).rounded() / 100, unit: "%", most: percent))
  }

  private static func text(_ percent: Double) -> String { "at most \(number(percent)) % fewer rows" }

  private static func number(_ percent: Double) -> String {
    let rounded = (percent * 10).rounded() / 10
    return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
  }
}

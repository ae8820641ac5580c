import BelayBase

/// What `doctor` has looked at, told one by one, and what of it would refuse a migration.
final class DoctorList {
  struct Entry {
    let diagnosis: Diagnosis
    /// What `migrate` would answer because of it; nil: it would not be refused.
    var refusal: BelayError?
    /// In detail.
    var findings: [Finding] = []

    init(_ item: Diagnosis.Item, _ status: Diagnosis.Status, _ found: String, hint: String? = nil) {
      diagnosis = Diagnosis(item, status, found, hint: hint)
    }

    init(_ item: Diagnosis.Item, refusal: BelayError) {
      let cause = refusal.causes.first.map { ": \($0)" } ?? ""
      diagnosis = Diagnosis(item, .failed, refusal.message + cause, hint: refusal.hint)
      self.refusal = refusal
    }
  }

  private let narrator: any Narrator
  private var entries: [Entry] = []
  private var refusals: [BelayError] = []

  init(narrator: any Narrator) { self.narrator = narrator }

  func take(_ entries: [Entry]) { for entry in entries { take(entry) } }

  func take(_ entry: Entry) {
    entries.append(entry)
    if let refusal = entry.refusal { refusals.append(refusal) }
    narrator.tell(.diagnosis(entry.diagnosis))
    for finding in entry.findings { narrator.tell(.finding(finding)) }
  }

  /// What several entries together refuse, as `migrate` would say it once.
  func refuse(_ error: BelayError) { if !refusals.contains(error) { refusals.append(error) } }

  /// Something that all that follows needs.
  /// - Parameter look: gives it, and what is to be said of it.
  /// - Returns: nil: it failed.
  @discardableResult
  func required<Found>(
    _ item: Diagnosis.Item, _ look: () throws(BelayError) -> (Found, String)
  ) -> Found? {
    do throws(BelayError) {
      let (found, words) = try look()
      take(Entry(item, .ok, words))
      return found
    } catch {
      take(Entry(item, refusal: error))
      return nil
    }
  }

  /// Names what was not looked at, because something else failed.
  func leaveOut(after failed: Diagnosis.Item) {
    let told = Set(entries.map(\.diagnosis.item))
    for item in Diagnosis.Item.ofEveryTarget where !told.contains(item) {
      take(Entry(item, .unknown, "not looked at, because of the \(failed.rawValue)"))
    }
  }

  /// What `migrate` would answer: it stops at the first failure. The others are listed as causes.
  var refusal: BelayError? {
    guard var first = refusals.first else { return nil }
    first.causes += refusals.dropFirst().flatMap { [$0.message] + $0.causes }.filter {
      !first.causes.contains($0) && $0 != first.message
    }
    if first.state == nil { first.state = "nothing was changed by this call" }
    return first
  }

  /// `migrate` would end with warnings. It does not check integrity before it begins, and what the linter says of the files
  /// is no news of the database.
  var warns: Bool {
    entries.contains { $0.diagnosis.status == .warning && $0.diagnosis.item != .integrity && !$0.isOfLinter }
  }

  var hasWarnings: Bool { entries.contains { $0.diagnosis.status == .warning } }
}

extension DoctorList.Entry {
  fileprivate var isOfLinter: Bool {
    let warnings = findings.filter { $0.severity == .warning }
    return !warnings.isEmpty && warnings.allSatisfy { $0.source == "lint" }
  }
}

extension Diagnosis.Item {
  /// Those that the list has in any case.
  fileprivate static let ofEveryTarget: [Diagnosis.Item] = [
    .connection, .runAtWork, .unfinishedRuns, .room, .rights, .integrity, .sessions, .folder, .migrations, .copy,
    .checks, .time,
  ]
}

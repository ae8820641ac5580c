import ArgumentParser
import BelayArchive
import BelayBase
import BelayText

/// Which archives of a store are meant.
struct ArchiveFilter: ParsableArguments {
  @Option(
    name: .long, help: "Only archives of this target: its name in belay.yaml, or its URL.", completion: .target)
  var target: String?
  @Option(
    name: .long,
    help: """
      Only archives of this kind: manual, scheduled, before-migration, after-migration, before-rollback, before-recovery or \
      before-swap.
      """,
    completion: .archiveKind)
  var kind: String?
  @Option(name: .long, help: ArgumentHelp("Only archives older than that, such as 26h or 31d.", valueName: "age"))
  var olderThan: String?
  @Option(name: .long, help: ArgumentHelp("Only archives that are not older than that.", valueName: "age"))
  var newerThan: String?

  func validate() throws {
    if let kind { try Self.check(kind: kind) }
    _ = try olderThan.map { try Self.seconds($0, "--older-than") }
    _ = try newerThan.map { try Self.seconds($0, "--newer-than") }
  }

  /// - Parameter age: in seconds; nil: it is not known, and no filter by age lets it through.
  func includes(_ archive: ArchiveSummary, age: Int?) -> Bool {
    if let target, !archive.isOf(target) { return false }
    if let kind, archive.kind != kind { return false }
    return Self.includes(age: age, olderThan: olderThan, newerThan: newerThan)
  }

  /// - Parameters:
  ///   - age: in seconds; nil: it is not known, and no limit lets it through.
  ///   - olderThan: a duration, as `newerThan`; nil: any age.
  static func includes(age: Int?, olderThan: String?, newerThan: String?) -> Bool {
    if let limit = olderThan.flatMap(DurationText.seconds), age.map({ $0 <= limit }) ?? true { return false }
    if let limit = newerThan.flatMap(DurationText.seconds), age.map({ $0 > limit }) ?? true { return false }
    return true
  }

  static func check(kind: String) throws {
    let known = ArchiveKind.all.map(\.name)
    guard !known.contains(kind) else { return }
    let hint =
      NearestName.to(kind, among: known).map { ": did you mean `\($0)`?" }
      ?? ": choose from \(known.joined(separator: ", "))"
    throw ValidationError("unknown kind `\(kind)`\(hint)")
  }

  @discardableResult
  static func seconds(_ text: String, _ option: String) throws -> Int {
    guard let seconds = DurationText.seconds(text) else {
      throw ValidationError("\(option) is `\(text)`, which is not a duration: write 5m, 26h or 31d")
    }
    return seconds
  }
}

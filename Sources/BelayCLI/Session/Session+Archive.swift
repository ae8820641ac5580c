import BelayBase
import BelayCore

extension Session {
  /// The target of an archive: the one that a person names, else the one of that name in belay.yaml now, else the one by
  /// the manifest's own URL, which starts at the folder it did then. That URL has no secrets; where it needs some, the
  /// target must be named.
  func target(
    _ typed: String?, ofArchive id: String, in configuration: BelayBase.Configuration
  ) throws(BelayError) -> BelayBase.Configuration.ChosenTarget {
    if let typed { return try target(typed, in: configuration) }
    let archive = try StoreShelf(settings(configuration).store).archive(id)
    if let damage = archive.damage {
      throw BelayError(
        .verificationFailed, "archive \(archive.id) is damaged", state: "nothing was changed", causes: [damage])
    }
    if let name = archive.targetName, configuration.targets.contains(where: { $0.name == name }) {
      return try target(name, in: configuration)
    }
    guard !archive.targetURL.contains("***") else {
      throw BelayError(
        .usage, "archive \(archive.id) is of \(archive.targetURL), and archives hold no secrets",
        hint: "name the database with --target", state: "nothing was done")
    }
    let recorded = Target(name: archive.targetName, url: archive.targetURL, folder: archive.targetFolder)
    return BelayBase.Configuration.ChosenTarget(target: recorded, options: [:])
  }
}

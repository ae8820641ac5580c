import ArgumentParser
import BelayBase
import Foundation

/// Where a command looks for archives.
struct RepositoryOption: ParsableArguments {
  @Option(
    name: .long,
    help: ArgumentHelp(
      "Look for archives there instead of in the store: a name of `repositories:` in belay.yaml, a folder, or "
        + "rclone:REMOTE:PATH.", valueName: "repository"), completion: .repository)
  var repository: String?
}

extension Session {
  /// The settings of a command that may look for archives elsewhere.
  func settings(
    _ configuration: Configuration, _ option: RepositoryOption
  ) throws(BelayError) -> Settings {
    var settings = settings(configuration)
    settings.repository = try option.repository.map { (typed) throws(BelayError) in
      try repository(typed, in: configuration)
    }
    // A disk that is not mounted would look like a repository that has lost everything.
    if case .folder(let path)? = settings.repository?.place, !FileManager.default.fileExists(atPath: path) {
      throw BelayError(
        .notFound, "there is no folder \(path)", hint: "is its disk mounted?", state: "nothing was done")
    }
    return settings
  }

  /// A repository by its name in belay.yaml, or by its place.
  func repository(_ typed: String, in configuration: Configuration) throws(BelayError) -> RepositoryDefinition {
    let known = configuration.repositories
    if let found = known.first(where: { $0.name == typed }) { return found }
    guard typed.contains(":") || typed.contains("/") || typed == "." || typed == ".." else {
      let nearest = NearestName.to(typed, among: known.map(\.name)).map { "did you mean `\($0)`?" }
      throw BelayError(
        .usage, "there is no repository `\(typed)` in belay.yaml",
        hint: nearest ?? "name one of `repositories:`, a folder such as ./\(typed), or rclone:REMOTE:PATH",
        state: "nothing was done")
    }
    do throws(RepositoryDefinition.Flaw) {
      let place = try RepositoryDefinition.place(
        typed, absolute: { Configuration.absolute($0, from: currentFolder) })
      // Its own rules hold however it is named.
      return known.first { $0.place == place } ?? RepositoryDefinition(name: place.text, place: place)
    } catch {
      // What was typed may hold a secret.
      throw BelayError(
        .usage, "the repository \(error.text)", hint: error.hint, state: "nothing was done")
    }
  }
}

import ArgumentParser
import BelayBase
import BelayDrivers

/// The words of a command line that is being completed, and what they say of where things are.
struct TypedWords {
  private let words: [String]

  init(_ words: [String]) { self.words = words }

  /// A session as these words would begin it. nil: their options cannot be read.
  private var session: Session? {
    var options: [String] = []
    for name in ["--store", "--config", "--driver-path"] {
      for value in values(of: name) { options += [name, value] }
    }
    guard let global = try? GlobalOptions.parse(options) else { return nil }
    return Session(options: global, dataOnStandardOutput: true)
  }

  /// Of an option, each time that it is given.
  private func values(of option: String) -> [String] {
    words.indices.compactMap { index in
      if words[index] == option, index + 1 < words.count { return words[index + 1] }
      return words[index].hasPrefix(option + "=") ? String(words[index].dropFirst(option.count + 1)) : nil
    }
  }

  // What cannot be read offers nothing: the command itself says why.

  private var configuration: Configuration? { try? session?.configuration() }

  private var shelf: StoreShelf? {
    guard let session, let configuration else { return nil }
    return StoreShelf(session.settings(configuration))
  }

  /// The names in belay.yaml.
  var targets: [String] { configuration?.targets.map(\.name) ?? [] }

  var repositories: [String] { configuration?.repositories.map(\.name) ?? [] }

  /// Newest first.
  var archives: [String] { ((try? shelf?.archiveIDs()) ?? []).reversed() }

  var openRuns: [String] { (try? shelf?.openRuns())?.map(\.id) ?? [] }

  var drivers: [String] {
    guard let session, let configuration else { return [] }
    return session.drivers(session.settings(configuration)).installed().map(\.name)
  }

  /// Of the archive that one of the words names; of the newest one where none does.
  var tables: [String] {
    let ids = archives
    guard let shelf, let newest = ids.first else { return [] }
    let named = words.dropFirst().first { word in
      !word.isEmpty && (StoreShelf.namesByAge(word) || ids.contains { $0.hasPrefix(word) })
    }
    guard let archive = try? shelf.archive(named ?? newest) else { return [] }
    return archive.tables.map { $0.schema.isEmpty ? $0.name : "\($0.schema).\($0.name)" }
  }
}

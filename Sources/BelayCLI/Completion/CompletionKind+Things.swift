import ArgumentParser
import BelayArchive
import BelayBase
import BelayText

/// What a shell offers for the words of a command line: looked up when the key is pressed, by the options that are typed. No
/// driver is loaded, and no database is connected to.
extension CompletionKind {
  static var target: CompletionKind { things { $0.targets } }
  static var archive: CompletionKind { things { $0.archives + ["latest", "oldest"] } }
  /// An archive, or a target.
  static var archiveOrTarget: CompletionKind { things { $0.targets + $0.archives + ["latest", "oldest"] } }
  static var repository: CompletionKind { things { $0.repositories } }
  static var openRun: CompletionKind { things { $0.openRuns } }
  static var table: CompletionKind { things { $0.tables } }
  static var archiveKind: CompletionKind { .list(ArchiveKind.all.map(\.name)) }
  static var driver: CompletionKind { things { $0.drivers } }

  /// A target, and after it files.
  static var targetAndFiles: CompletionKind {
    .custom { words, index, prefix in
      offered(TypedWords(words).targets) + SQLFiles.beginning(with: prefix)
    }
  }

  private static func things(_ find: @escaping @Sendable (TypedWords) -> [String]) -> CompletionKind {
    .custom { words, _, _ in offered(find(TypedWords(words))) }
  }

  /// Names that others chose may hold what a shell or a terminal would obey: those are not offered. bash expands the words
  /// that it is given, and would execute a table's name that is a command in `$(…)`.
  private static func offered(_ names: [String]) -> [String] {
    names.filter { name in
      VisibleText.line(name) == name && !name.contains { $0.isWhitespace || "\\'\"`$&|;<>(){}*?[]!#~".contains($0) }
    }
  }
}

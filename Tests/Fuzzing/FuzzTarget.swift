import Foundation

/// What reads text or bytes of strangers. Each is given any input, and must come back: with a value or with an error.
enum FuzzTarget: String, CaseIterable {
  case archive, manifest, csv, journal, audit, configuration, directives, sqlite, postgresql, url

  func test(_ input: UnsafeRawBufferPointer) {
    switch self {
    case .archive: ArchiveInput.archive(input)
    case .manifest: ArchiveInput.manifest(input)
    case .csv: ArchiveInput.csv(input)
    case .journal: StoreInput.journal(input)
    case .audit: StoreInput.audit(input)
    case .configuration: TextInput.configuration(input)
    case .directives: TextInput.directives(input)
    case .sqlite: ScriptInput.sqlite(input)
    case .postgresql: ScriptInput.postgresql(input)
    case .url: TextInput.url(input)
    }
  }
}

/// A rule that every input must keep, where coming back is not enough.
func hold(_ condition: Bool, _ rule: String) {
  if !condition { fatalError("broken rule: \(rule)") }
}

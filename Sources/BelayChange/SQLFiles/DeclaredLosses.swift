import BelayBase
import BelayDrivers

/// What the directives of a file, and the options of the call, allow: the names that the database has for it.
struct DeclaredLosses: Sendable {
  private(set) var loss: Set<String> = []
  private(set) var change: Set<String> = []
  /// Names that nothing has: slips, which would allow nothing.
  private(set) var findings: [Finding] = []

  /// Nothing is allowed.
  init() {}

  /// - Parameter allowLoss: `--allow-loss`, for all files.
  init(_ file: MigrationFile, allowLoss: [String], names: DeclaredNames) {
    loss = resolve(file.directives.allowLoss, "allow-loss", file, names)
    change = resolve(file.directives.allowChange, "allow-change", file, names)
    // Other files of the call may be the ones that name them.
    loss.formUnion(allowLoss.compactMap(names.resolve))
  }

  private mutating func resolve(
    _ typed: Set<String>, _ directive: String, _ file: MigrationFile, _ names: DeclaredNames
  ) -> Set<String> {
    var found: Set<String> = []
    for name in typed.sorted() {
      guard let resolved = names.resolve(name) else {
        findings.append(
          Finding(
            .warning, source: "lint", rule: "unknown-name", subject: file.name,
            message:
              "`-- belay: \(directive) \(name)` allows nothing: the database has no \(name), and no statement writes it",
            hint: names.hint(for: name)))
        found.insert(name)
        continue
      }
      found.insert(resolved)
    }
    return found
  }
}

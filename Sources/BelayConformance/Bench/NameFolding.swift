import BelayDrivers

/// What an engine makes of a name that a statement does not quote. A specimen has names as its statements have them, and a
/// driver tells them as the catalog has them.
enum NameFolding {
  case none, upper, lower

  /// - Parameters:
  ///   - name: as in the specimen.
  ///   - statements: a name that one of them quotes is not folded.
  func name(_ name: String, in statements: [String], _ traits: Traits) -> String {
    if statements.contains(where: { $0.contains(traits.quoted(name)) }) { return name }
    return switch self {
    case .none: name
    case .upper: name.uppercased()
    case .lower: name.lowercased()
    }
  }
}

extension Bench {
  /// Creates a table to find out.
  func folding(_ connection: Connection) throws -> NameFolding {
    guard specimen.makesTables else { return .none }
    try connection.execute("CREATE TABLE Belay_Folds (k INTEGER NOT NULL PRIMARY KEY)", operation: operation)
    let names = try connection.catalog(operation: operation).tables.map(\.name)
    return names.contains("BELAY_FOLDS") ? .upper : names.contains("belay_folds") ? .lower : .none
  }
}

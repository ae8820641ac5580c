import BelayDrivers

extension IntegrityFinding {
  /// Rows that refer to nothing: found in the data, not damage of the storage.
  package static let foreignKey = "foreign_key"
  /// What a sound database may hold: found in the data or the schema, not damage of the storage.
  private static let ofContent: Set<String> = [foreignKey, "constraint", "index", "sequence"]
  package var isDamage: Bool { !Self.ofContent.contains(check) }
}

/// One column of a result.
public struct ResultColumn: Sendable, Hashable {
  /// Its name.
  public var name: String
  /// The engine's name of its type; empty if it has none.
  public var nativeType: String

  /// A column with its engine's type.
  public init(_ name: String, nativeType: String = "") {
    self.name = name
    self.nativeType = nativeType
  }
}

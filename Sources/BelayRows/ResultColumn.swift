/// One column of a result.
public struct ResultColumn: Sendable, Hashable {
  /// As the engine names it.
  public var name: String
  /// As the engine calls it; empty where it has none.
  public var nativeType: String

  /// A column with its engine's type.
  public init(_ name: String, nativeType: String = "") {
    self.name = name
    self.nativeType = nativeType
  }
}

/// One column of a result.
package struct ResultColumn: Sendable, Hashable {
  package var name: String
  /// As the engine calls it; empty where it has none.
  package var nativeType: String

  package init(name: String, nativeType: String = "") {
    self.name = name
    self.nativeType = nativeType
  }
}

import BelayDrivers

extension Catalog {
  /// Behind a sentence that says what a restored database is proven to hold; empty: nothing in it is computed anew.
  package var computedWords: String {
    let names = objects.filter { $0.flags.contains(.computed) }.map { "\($0.kind) \($0.label)" }
    guard !names.isEmpty else { return "" }
    return "; not compared, for their rows were computed anew: " + names.joined(separator: ", ")
  }
}

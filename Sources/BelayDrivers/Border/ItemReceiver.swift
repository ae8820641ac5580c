import CBelayDriver

/// Collects what comes one by one: the objects of a catalog, the statements of a script. Decoding says what is wrong.
final class ItemReceiver<Item> {
  private(set) var items: [Item] = []
  /// Which rule the driver broke.
  private(set) var defect: String?

  /// Takes one item, decoded by body, which throws the rule that was broken.
  func take(_ body: () throws(Traits.Malformed) -> Item) -> Int32 {
    guard defect == nil else { return Int32(BELAY_E_CANCELLED) }
    do {
      items.append(try body())
      return Int32(BELAY_OK)
    } catch {
      defect = error.reason
      return Int32(BELAY_E_CANCELLED)
    }
  }
}

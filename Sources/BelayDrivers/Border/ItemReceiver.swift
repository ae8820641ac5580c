import CBelayDriver

/// Collects items that come one by one: the objects of a catalog, the statements of a script.
final class ItemReceiver<Item> {
  private(set) var items: [Item] = []
  /// The rule that the driver broke.
  private(set) var defect: String?

  /// Adds one item. body decodes it, and throws the rule that was broken.
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

/// A rewind whose answer nobody saw, because the process ended in that moment. Only the answer names the bookmark that undoes
/// it; but the engine also tells the bookmark of any moment. So the moments after the last known bookmark are gone through,
/// and each bookmark that was the present in one of them is named. One of these is that of the moment right before the
/// rewind; which one, the engine does not tell.
package struct UnseenRewind {
  /// Oldest first, without the one that was known.
  package private(set) var bookmarks: [String] = []
  /// All moments until the end were gone through.
  package private(set) var isComplete = false

  private var callsLeft = Self.mostCalls
  /// Engines count calls, and the rewind that comes next must not be refused because of these.
  package static let mostCalls = 300

  /// - Parameters:
  ///   - mark: the last known bookmark.
  ///   - since: the moment at which that was taken, in milliseconds since 1970.
  ///   - until: the last moment in which the rewind can have happened.
  ///   - bookmark: the engine's bookmark of a moment.
  package init<Failure: Error>(
    of mark: String, since: Int64, until: Int64, bookmark: (Int64) throws(Failure) -> String
  ) throws(Failure) {
    var moment = since
    var found = [try bookmark(moment)]
    while let (next, changed) = try change(after: moment, from: found[found.count - 1], until: until, bookmark) {
      moment = next
      found.append(changed)
    }
    isComplete = callsLeft > 0
    if let last = found.lastIndex(of: mark) { found.removeFirst(last + 1) }
    for bookmark in found where !bookmarks.contains(bookmark) { bookmarks.append(bookmark) }
  }

  /// The first moment with another bookmark. In strides that grow, because mostly nobody writes; then by halves.
  private mutating func change<Failure: Error>(
    after moment: Int64, from present: String, until: Int64, _ bookmark: (Int64) throws(Failure) -> String
  ) throws(Failure) -> (moment: Int64, bookmark: String)? {
    var (low, stride): (Int64, Int64) = (moment, 1)
    var changed: (moment: Int64, bookmark: String)?
    while changed == nil {
      guard low < until, callsLeft > 0 else { return nil }
      callsLeft -= 1
      let next = min(low + stride, until)
      let found = try bookmark(next)
      if found == present { (low, stride) = (next, stride * 2) } else { changed = (next, found) }
    }
    while let high = changed, high.moment - low > 1, callsLeft > 0 {
      callsLeft -= 1
      let middle = low + (high.moment - low) / 2
      let found = try bookmark(middle)
      if found == present { low = middle } else { changed = (middle, found) }
    }
    return changed
  }

  /// For the state; empty where nobody had written.
  package var words: String {
    guard !bookmarks.isEmpty else { return "" }
    let names = bookmarks.prefix(3).joined(separator: ", ") + (bookmarks.count > 3 ? ", …" : "")
    return "; the answer to an earlier rewind was lost: what others wrote right before it is behind "
      + (bookmarks.count == 1
        ? "the bookmark \(names)" : "one of \(bookmarks.count) bookmarks, which the report names (\(names))")
      + (isComplete ? "" : ", or behind a later one")
  }
}

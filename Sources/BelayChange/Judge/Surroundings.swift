import BelayBase
import BelayDatabase
import BelayDrivers

/// What a database shares with others at one moment. A rehearsal in a copy has the same, and what is changed there no
/// rollback takes back.
struct Surroundings: Sendable, Equatable {
  let objects: [SharedObject]

  /// nil: the driver cannot tell.
  static func read(_ connection: Connection, context: RunContext) throws(BelayError) -> Surroundings? {
    do {
      return try connection.surroundings(operation: context.stoppable()).map(Surroundings.init)
    } catch {
      if error.code == .cancelled { throw context.interruption() }
      throw BelayError(error, doing: "cannot read what the database shares with others", kind: .checkFailed)
    }
  }

  struct Change: Sendable, Equatable {
    /// "role reader"
    let subject: String
    /// "was made"
    let words: String
    /// false: others have done it, for this transaction has not.
    let isOwn: Bool

    var description: String { "\(subject) \(words)" }
  }

  /// In the order of kind and name.
  func changes(since before: Surroundings) -> [Change] {
    let (was, now) = (before.named, named)
    let written = Set(objects.filter(\.isWritten).map(\.kind))
    return Set(was.keys).union(now.keys).sorted { ($0.kind, $0.name) < ($1.kind, $1.name) }.compactMap { key in
      let words: String
      switch (was[key], now[key]) {
      case (nil, _): words = "was made"
      case (_, nil): words = "was removed"
      case (let one, let other) where one != other: words = "was changed"
      default: return nil
      }
      return Change(subject: "\(key.kind) \(key.name)", words: words, isOwn: written.contains(key.kind))
    }
  }

  private struct Key: Hashable { let kind, name: String }

  /// Definitions; of several with one name, all together.
  private var named: [Key: [String]] {
    Dictionary(grouping: objects.filter { !$0.name.isEmpty }) { Key(kind: $0.kind, name: $0.name) }
      .mapValues { $0.map(\.definition).sorted() }
  }
}

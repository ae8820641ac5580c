import BelayText

/// One thing that `doctor` has looked at.
package struct Diagnosis: Codable, Sendable, Equatable {
  package enum Status: String, Codable, Sendable, CaseIterable {
    case ok
    /// Worth knowing; it changes nothing of what a migration does.
    case note
    case warning
    /// A migration would be refused.
    case failed
    /// It could not be looked at, because something else failed.
    case unknown
  }

  package enum Item: String, Codable, Sendable, CaseIterable {
    case configuration, store, driver, connection
    case runAtWork = "run at work"
    case unfinishedRuns = "unfinished runs"
    case rights, room, time, integrity, sessions
    case folder = "migrations folder"
    case migrations
    case copy = "scratch copy"
    case checks
    case backups, repository
    case leftovers = "left behind"
    case otherDrivers = "other drivers"
  }

  package var item: Item
  package var status: Status
  /// What was found, for people.
  package var found: String
  package var hint: String?

  package init(_ item: Item, _ status: Status, _ found: String, hint: String? = nil) {
    self.item = item
    self.status = status
    self.found = found
    self.hint = hint
  }
}

extension Diagnosis {
  /// Where the words begin, after the mark.
  package static let indentation = (Status.allCases.map(\.rawValue.count).max() ?? 0) + 2

  /// "failed   store: cannot write to the store /srv/backups", and its hint below.
  package var lines: [String] {
    let mark = status.rawValue.padded(to: Self.indentation)
    let indentation = String(repeating: " ", count: Self.indentation)
    return ["\(mark)\(item.rawValue): \(found)"] + [hint].compactMap { $0.map { "\(indentation)hint: \($0)" } }
  }
}

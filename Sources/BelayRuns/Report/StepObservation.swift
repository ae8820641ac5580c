import BelayBase
import Foundation

/// What one step of a change was seen to hold and do. In the rehearsal the seconds are those of its statements; on the
/// target they are those that others could have waited, belay's own work included.
package struct StepObservation: Codable, Sendable, Equatable {
  package enum Locks: String, Codable, Sendable {
    case observed
    /// Statement by statement: each holds its own only while it runs.
    case noTransaction
    /// The transaction keeps all other writers off.
    case wholeDatabase
    case unknown
  }
  package let parts: [String]
  package let locks: Locks
  package let seconds: Double
  package let tables: [ObservedTable]

  package init(parts: [String], locks: Locks, seconds: Double, tables: [ObservedTable]) {
    self.parts = parts
    self.locks = locks
    self.seconds = seconds
    self.tables = tables
  }

  /// What others could not do, and for how long: for the result.
  package var waits: [String] {
    switch locks {
    case .observed: tables.flatMap(\.waits)
    case .wholeDatabase:
      [
        "others could not write to the database for \(String(format: "%.2f s", seconds)): "
          + parts.joined(separator: ", ")
      ]
    case .noTransaction, .unknown: []
    }
  }

  package var findings: [Finding] { tables.flatMap(\.findings) }

  package var text: [TextPart] {
    let length = String(format: "%.2f s", seconds)
    let subject = parts.joined(separator: ", ")
    return switch locks {
    case .observed:
      [.line("\(subject): locks held until the end of the transaction:"), ObservedTable.text(tables)]
    case .noTransaction:
      [.line("\(subject): locks were not observed, because there is no transaction; \(length)")]
        + tables.filter(\.rewritten).map { .line("table \($0.name) was rewritten") }
    case .wholeDatabase: [.line("\(subject): others cannot write to the database for \(length)")]
    case .unknown: [.line("\(subject): locks are not known: this driver does not report them")]
    }
  }
}

import BelayBase
import BelayDatabase
import BelayDrivers

/// A lock that is not belay's: it keeps others who know it from making the same kind of change meanwhile.
package protocol ChangeLock: Sendable {
  /// Takes it, and waits a while where somebody else holds it. The connection holds it until it is closed.
  /// - Throws: `.locked`, with who holds it.
  func take(on connection: Connection, context: RunContext) throws(BelayError)
}

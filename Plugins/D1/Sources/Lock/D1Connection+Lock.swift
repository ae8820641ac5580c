import BelayDriverKit
import SQLiteDialect

/// D1 has neither sessions nor locks, so a lock is a row, which a killed process leaves behind. It ends when this
/// machine knows that its process no longer exists, and otherwise some time after it was last renewed.
extension D1Connection: Locking {
  /// Longer than a call with its retries takes, but short enough to wait for.
  private static let leaseSeconds = 900

  private static let table =
    "CREATE TABLE IF NOT EXISTS \(OwnTable.locks) (name TEXT PRIMARY KEY, holder TEXT NOT NULL, until INTEGER NOT NULL)"
    + " WITHOUT ROWID"
  private static let now = "CAST(strftime('%s', 'now') AS INTEGER)"

  func acquireLock(_ name: String, operation: Operation) throws(DriverFailure) {
    try during(operation) { () throws(DriverFailure) in
      try refuseReadOnly()
      guard locks[name] == nil else { throw DriverFailure(.busy, "this connection already holds the lock \(name)") }
      let own = LockHolder(connection: writer).text
      let found = try take(name, for: own)
      guard found == own else {
        throw DriverFailure(
          .busy, "\(self.name) is locked by \(LockHolder(text: found).words)",
          hint: "wait until that process has finished; if it no longer exists, its lock ends after"
            + " \(Self.leaseSeconds / 60) minutes")
      }
      locks[name] = monotonicMilliseconds()
    }
  }

  func releaseLock(_ name: String, operation: Operation) throws(DriverFailure) {
    try during(operation) { () throws(DriverFailure) in
      guard locks.removeValue(forKey: name) != nil else {
        throw DriverFailure(.notFound, "this connection does not hold the lock \(name)")
      }
      do throws(CallFailure) {
        _ = try raw([deletion(of: name)], .repeatable)
      } catch {
        throw error.failure
      }
    }
  }

  /// Writes this connection's locks again: to renew them, or because Time Travel has removed them.
  func renewLocks(ifOlderThan seconds: Int = 0) throws(DriverFailure) {
    let now = monotonicMilliseconds()
    for (name, since) in locks where now - since >= seconds * 1000 {
      let own = LockHolder(connection: writer).text
      // Time Travel may have restored the row of a process that no longer exists.
      let found = try take(name, for: own)
      guard found == own else {
        throw DriverFailure(.busy, "the lock \(name) has been taken over by \(LockHolder(text: found).words)")
      }
      locks[name] = now
    }
  }

  /// Half of the lease has passed.
  func renewLocksInTime() throws(DriverFailure) { try renewLocks(ifOlderThan: Self.leaseSeconds / 2) }

  /// For close, which cannot fail: a lock that remains ends with its lease. Tries twice, because a call may fail by
  /// chance, but does not wait for a network that is down.
  func dropLocks() {
    for name in locks.keys where !isDeleted(name) { _ = isDeleted(name) }
    locks = [:]
  }

  private func isDeleted(_ name: String) -> Bool {
    do throws(CallFailure) {
      _ = try raw([deletion(of: name)], .once)
      return true
    } catch {
      return false
    }
  }

  /// Takes the lock, even from a process that no longer exists.
  /// - Returns: the holder.
  private func take(_ name: String, for own: String) throws(DriverFailure) -> String {
    let found = try take(name, for: own, from: nil)
    return found != own && LockHolder(text: found).isGone ? try take(name, for: own, from: found) : found
  }

  /// One transaction, which can be repeated: either the lock is this connection's afterwards, or it is not.
  /// - Parameter former: a holder that no longer exists.
  /// - Returns: the holder.
  private func take(_ name: String, for own: String, from former: String?) throws(DriverFailure) -> String {
    let lock = Literal.text(bytesOf: name)
    let mine = Literal.text(bytesOf: own)
    let gone = former.map { " OR holder = \(Literal.text(bytesOf: $0))" } ?? ""
    let statements = [
      Self.table,
      "INSERT INTO \(OwnTable.locks) (name, holder, until) VALUES (\(lock), \(mine), \(Self.now) + \(Self.leaseSeconds))"
        + " ON CONFLICT (name) DO UPDATE SET holder = excluded.holder, until = excluded.until"
        + " WHERE holder = excluded.holder OR until < \(Self.now)\(gone)",
      "SELECT holder FROM \(OwnTable.locks) WHERE name = \(lock)",
    ]
    do throws(CallFailure) {
      return try raw(statements, .repeatable).last?.first?.first?.text ?? ""
    } catch {
      throw error.failure
    }
  }

  private func deletion(of name: String) -> String {
    "DELETE FROM \(OwnTable.locks) WHERE name = \(Literal.text(bytesOf: name))"
      + " AND holder = \(Literal.text(bytesOf: LockHolder(connection: writer).text))"
  }
}

extension Literal {
  /// Any text, NUL or not.
  static func text(bytesOf text: String) -> String {
    var text = text
    return text.withUTF8 { Literal.text(bytes: UnsafeRawBufferPointer($0)) }
  }
}

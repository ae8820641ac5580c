import BelayDriverKit
import Glibc

/// Restores a dump into a database that is not empty: drops everything and loads the dump, in one transaction of psql,
/// the only program that can read pg_restore's output.
///
/// The COMMIT is at the end of pg_restore's text, and that end is held back until pg_restore has succeeded: a truncated
/// text is never committed.
struct InPlaceScript {
  private let clearing: Clearing
  private let lockTimeout: Int
  /// pg_restore is newer than the server.
  private let isNewer: Bool
  /// The COMMIT was sent to psql.
  private(set) var sentCommit = false

  /// Longer than anything that pg_restore writes after its COMMIT.
  private static let heldBack = 4096

  init(_ clearing: Clearing, lockTimeout: Int, isNewer: Bool) {
    self.clearing = clearing
    self.lockTimeout = lockTimeout
    self.isNewer = isNewer
  }

  /// - Returns: how psql ended; nil if pg_restore failed, and nothing was committed.
  mutating func run(
    restore: ChildProcess, psql: ChildProcess, progress: (UInt64) -> Void
  ) throws(DriverFailure) -> ChildProcess.Ending? {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 4096)
    defer { buffer.deallocate() }
    var isTaken = try psql.write(opening.utf8)
    var held: [UInt8] = []
    var done: UInt64 = 0
    var isFirst = true
    while isTaken {
      let count = try restore.read(into: buffer)
      if count == 0 { break }
      done += UInt64(count)
      progress(done)
      held += buffer[..<count]
      guard held.count > 2 * Self.heldBack else { continue }
      if isFirst { adaptBeginning(&held) }
      isFirst = false
      isTaken = try psql.write(held.dropLast(Self.heldBack))
      held.removeFirst(held.count - Self.heldBack)
    }
    // psql has stopped; its error says why.
    guard isTaken else { return try psql.finish() }
    guard try restore.finish() == .exited(0) else { return nil }
    if isFirst { adaptBeginning(&held) }
    guard held.firstRange(of: Array("\nCOMMIT;\n".utf8)) != nil else {
      throw DriverFailure(.internal, "pg_restore's text does not end with COMMIT")
    }
    sentCommit = true
    _ = try psql.write(held)
    return try psql.finish()
  }

  /// A newer pg_restore sets parameters that an older server does not know.
  private func adaptBeginning(_ text: inout [UInt8]) {
    guard isNewer else { return }
    let line = Array("SET transaction_timeout = 0;\n".utf8)
    if let range = text.prefix(Self.heldBack).firstRange(of: line) { text.removeSubrange(range) }
  }

  private var opening: String {
    // psql runs the statements that the queries return. Timeouts of the role or the database would interrupt it.
    """
    \\set VERBOSITY verbose
    \\set SHOW_CONTEXT never
    SET client_min_messages = warning;
    BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
    SELECT pg_catalog.pg_current_xact_id();
    \\o /dev/null
    SELECT pg_catalog.set_config(name, '0', false) FROM pg_catalog.pg_settings WHERE name IN ('statement_timeout',
      'idle_in_transaction_session_timeout', 'idle_session_timeout', 'transaction_timeout');
    SET LOCAL lock_timeout = \(lockTimeout);
    SELECT pg_catalog.set_config('search_path', '', true);

    """ + clearing.queries.map { $0.split(separator: "\n").joined(separator: " ") + " \\gexec\n" }.joined()
  }
}

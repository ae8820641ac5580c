/// What a connection can do: the host's plan depends on it.
public struct Traits: Sendable {
  /// Transactions, by the statements in `begin`, `commit`, `rollback`.
  public var hasTransactions = false
  /// DDL is rolled back with the rest.
  public var hasTransactionalDDL = false
  /// Between `begin` and the end, one connection sees one instant.
  public var hasStableRead = false
  /// Between `begin` and the end nobody else writes to the database.
  public var isExclusive = false
  /// `promoteScratch` keeps what was there before under the scratch's URL, until that is dropped.
  public var swaps = false
  /// Scratch databases are there, and none of them can take this one's place: `promoteScratch` is never called.
  public var cannotPromote = false
  /// This connection can write nothing.
  public var isReadOnly = false
  /// For people, e.g. "SQLite".
  public var serverName = ""
  /// For people, e.g. "3.40.1".
  public var serverVersion = ""
  /// One character, doubled inside a quoted name.
  public var identifierQuote = "\""
  /// "?" or "$1".
  public var parameterStyle = "?"
  /// Equal for two URLs of one database, different otherwise; holds no secret.
  public var identity = ""
  /// The statement that opens a transaction which is going to write.
  public var begin = ""
  /// The statement that ends one well.
  public var commit = ""
  /// The statement that ends one badly.
  public var rollback = ""
  /// Statements before the SQL text of a whole backup, e.g. to switch foreign keys off.
  public var loadBegin = ""
  /// Statements after it.
  public var loadEnd = ""
  /// The longest statement in bytes; 0: no limit.
  public var maxSQLBytes: UInt64 = 0
  /// The most parameters of one statement; 0: no limit.
  public var maxParameters: UInt64 = 0
  /// The most rows of one `execute`; 0: no limit.
  public var maxRowsPerExecute: UInt64 = 0
  /// 0: unknown. For the disk-space check and for progress.
  public var databaseBytes: UInt64 = 0
  /// Room left where the database lies; 0: unknown.
  public var freeBytes: UInt64 = 0
  /// How to restore an archive's `full_backup.*` with the engine's own client: one line each.
  public var restoreSteps: [String] = []
  /// The convention by which this engine's migrations are usually named and recorded, by belay's name for it, e.g.
  /// "wrangler-d1"; empty: the engine has none.
  public var convention = ""
  /// The SQL expression that turns hex digits of UTF-8 into text; one ? marks the digits. Empty: `CAST(X'?' AS TEXT)`.
  public var hexText = ""

  /// Nothing is known, nothing can be done: fill in what is.
  public init() {}
}

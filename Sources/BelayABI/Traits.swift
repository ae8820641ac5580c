/// What a connection can do; depends on the server's version and the user's grants. The host's plan depends on it.
public struct Traits: Sendable, Equatable {
  package var flags: TraitFlags = []
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
  /// Statements before the SQL text of a whole backup, e.g. to switch foreign keys off; may be empty.
  public var loadBegin = ""
  /// Statements after it.
  public var loadEnd = ""
  /// The longest statement in bytes; 0: no limit.
  public var maxSQLBytes = 0
  /// The most parameters of one statement; 0: no limit.
  public var maxParameters = 0
  /// The most rows of one `execute`; 0: no limit.
  public var maxRowsPerExecute = 0
  /// 0: unknown. For the disk-space check and for progress.
  public var databaseBytes: UInt64 = 0
  /// Room left where the database lies; 0: unknown.
  public var freeBytes: UInt64 = 0
  /// For an archive's README: how to restore its `full_backup.*` with the engine's own client, belay absent. One line each;
  /// may be empty. An empty line stands between two ways of which one is enough; a way is left out where the archive does
  /// not have the member that it names first.
  public var restoreSteps: [String] = []
  /// The convention by which this engine's migrations are usually named and recorded, by belay's name for it, e.g.
  /// "wrangler-d1"; empty: the engine has none.
  public var convention = ""
  /// The SQL expression that turns hex digits of UTF-8 into text; one ? marks the digits.
  public var hexText = "CAST(X'?' AS TEXT)"

  /// Nothing is known, nothing can be done: fill in what is.
  public init() {}

  private subscript(flag: TraitFlags) -> Bool {
    get { flags.contains(flag) }
    set { if newValue { flags.insert(flag) } else { flags.remove(flag) } }
  }
}

extension Traits {
  /// Transactions, by the statements in `begin`, `commit`, `rollback`.
  public var hasTransactions: Bool {
    get { self[.transactions] }
    set { self[.transactions] = newValue }
  }

  /// DDL is rolled back with the rest.
  public var hasTransactionalDDL: Bool {
    get { self[.transactionalDDL] }
    set { self[.transactionalDDL] = newValue }
  }

  /// Between `begin` and the end, one connection sees one instant.
  public var hasStableRead: Bool {
    get { self[.stableRead] }
    set { self[.stableRead] = newValue }
  }

  /// Between `begin` and the end nobody else writes to the database.
  public var isExclusive: Bool {
    get { self[.exclusive] }
    set { self[.exclusive] = newValue }
  }

  /// Promoting a scratch database keeps what was there before under the scratch's URL, until that is dropped.
  public var swaps: Bool {
    get { self[.swaps] }
    set { self[.swaps] = newValue }
  }

  /// Scratch databases are there, and none of them can take this one's place: none is ever promoted.
  public var cannotPromote: Bool {
    get { self[.noPromote] }
    set { self[.noPromote] = newValue }
  }

  /// This connection can write nothing.
  public var isReadOnly: Bool {
    get { self[.readOnly] }
    set { self[.readOnly] = newValue }
  }
}

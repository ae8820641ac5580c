/// What a connection can do; depends on the server's version and the user's privileges. The host plans with this.
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
  /// Equal for two URLs of one database, otherwise different; contains no secret.
  public var identity = ""
  /// The statement that opens a transaction for writing.
  public var begin = ""
  /// The statement that commits it.
  public var commit = ""
  /// The statement that rolls it back.
  public var rollback = ""
  /// Statements before the SQL text of a whole backup, e.g. to turn foreign keys off; may be empty. They are also run before
  /// a restore, on the database itself if it is rolled back in place: they make no objects, and can be run again.
  public var loadBegin = ""
  /// Statements after it.
  public var loadEnd = ""
  /// The longest statement with literals that belay may write, in bytes; 0: no limit.
  public var maxSQLBytes = 0
  /// The most parameters of one statement; 0: no limit. belay binds one for each column.
  public var maxParameters = 0
  /// The most rows in the VALUES list of one INSERT that belay writes with literals; 0: no limit, 1: the engine has no such
  /// lists. Says nothing of rows of parameters.
  public var maxRowsPerExecute = 0
  /// 0: unknown. For the disk-space check and for progress.
  public var databaseBytes: UInt64 = 0
  /// Free space where the database is stored; 0: unknown.
  public var freeBytes: UInt64 = 0
  /// For an archive's README: commands that restore its `full_backup.*` with the engine's own client, without belay. One
  /// line each; may be empty. An empty line separates two ways of which one is enough; a way is left out if the archive
  /// does not have the member that it names first.
  public var restoreSteps: [String] = []
  /// The convention by which this engine's own tool names and records migrations, by belay's name for it, e.g.
  /// "wrangler-d1"; empty: there is none.
  public var convention = ""
  /// The SQL expression that turns hex digits of UTF-8 into text; one ? marks the digits.
  public var hexText = "CAST(X'?' AS TEXT)"

  /// Traits that claim nothing: fill in what is true.
  public init() {}

  private subscript(flag: TraitFlags) -> Bool {
    get { flags.contains(flag) }
    set { if newValue { flags.insert(flag) } else { flags.remove(flag) } }
  }
}

extension Traits {
  /// Transactions, with the statements `begin`, `commit`, `rollback`.
  public var hasTransactions: Bool {
    get { self[.transactions] }
    set { self[.transactions] = newValue }
  }

  /// A rollback undoes DDL too.
  public var hasTransactionalDDL: Bool {
    get { self[.transactionalDDL] }
    set { self[.transactionalDDL] = newValue }
  }

  /// From `begin` to the end, the connection sees the data of one instant.
  public var hasStableRead: Bool {
    get { self[.stableRead] }
    set { self[.stableRead] = newValue }
  }

  /// From `begin` to the end, nobody else can write to the database.
  public var isExclusive: Bool {
    get { self[.exclusive] }
    set { self[.exclusive] = newValue }
  }

  /// After a promote, the scratch URL leads to the previous database, until that is dropped.
  public var swaps: Bool {
    get { self[.swaps] }
    set { self[.swaps] = newValue }
  }

  /// Scratch databases can be created, but cannot replace this database: none is ever promoted.
  public var cannotPromote: Bool {
    get { self[.noPromote] }
    set { self[.noPromote] = newValue }
  }

  /// ALTER TABLE takes NOT NULL, DEFAULT and CHECK away from a column: a table made anew is not meant to lose one.
  public var altersColumns: Bool {
    get { self[.altersColumns] }
    set { self[.altersColumns] = newValue }
  }

  /// This connection cannot write.
  public var isReadOnly: Bool {
    get { self[.readOnly] }
    set { self[.readOnly] = newValue }
  }
}

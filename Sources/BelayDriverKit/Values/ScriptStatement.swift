import CBelayDriver

/// One statement of a script, and what it names and writes itself.
public struct ScriptStatement: Sendable, Equatable {
  /// What the host must know before it runs the statement.
  public struct Flags: OptionSet, Sendable {
    /// The `BELAY_S_*` bits.
    public let rawValue: UInt32
    /// Takes the bits as they are.
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// BEGIN, SAVEPOINT …
    public static let opensTransaction = Flags(rawValue: UInt32(BELAY_S_OPENS_TXN))
    /// COMMIT, ROLLBACK, RELEASE …
    public static let endsTransaction = Flags(rawValue: UInt32(BELAY_S_ENDS_TXN))
    /// Refuses to run inside a transaction.
    public static let refusesTransaction = Flags(rawValue: UInt32(BELAY_S_NO_TXN))
    /// Has its effect only outside a transaction; inside one it silently does nothing.
    public static let onlyBeforeTransaction = Flags(rawValue: UInt32(BELAY_S_BEFORE_TXN))
    /// A command of the engine's client, not SQL: cannot be run.
    public static let client = Flags(rawValue: UInt32(BELAY_S_CLIENT))
    /// Could not be analysed: `writes` is not complete; `note` says why.
    public static let unread = Flags(rawValue: UInt32(BELAY_S_UNREAD))
  }

  /// Where it starts in the script, in bytes.
  public var offset: Int
  /// How long it is in bytes, without the separator.
  public var length: Int
  /// The line of its first word, from 1.
  public var line: Int
  /// What the host must know before it runs it.
  public var flags: Flags
  /// Objects that it names and writes itself: no cascades, no triggers.
  public var writes: [ScriptWrite]
  /// For people; may be empty.
  public var note: String

  /// A statement at a place in the script.
  public init(
    offset: Int, length: Int, line: Int, flags: Flags = [], writes: [ScriptWrite] = [], note: String = ""
  ) {
    self.offset = offset
    self.length = length
    self.line = line
    self.flags = flags
    self.writes = writes
    self.note = note
  }
}

/// One object that a statement names and writes. A rename is a drop of the old name and a create of the new one, both
/// with `.alter`.
public struct ScriptWrite: Sendable, Equatable {
  /// What is done to the object or its rows.
  public struct Actions: OptionSet, Sendable, Hashable {
    /// The `BELAY_W_*` bits.
    public let rawValue: UInt32
    /// Takes the bits as they are.
    public init(rawValue: UInt32) { self.rawValue = rawValue }
    /// Rows are added.
    public static let insert = Actions(rawValue: UInt32(BELAY_W_INSERT))
    /// Rows are changed.
    public static let update = Actions(rawValue: UInt32(BELAY_W_UPDATE))
    /// Rows are removed.
    public static let delete = Actions(rawValue: UInt32(BELAY_W_DELETE))
    /// The object is made.
    public static let create = Actions(rawValue: UInt32(BELAY_W_CREATE))
    /// The object is removed.
    public static let drop = Actions(rawValue: UInt32(BELAY_W_DROP))
    /// The object is changed.
    public static let alter = Actions(rawValue: UInt32(BELAY_W_ALTER))
  }

  /// As in `SchemaObject`.
  public var kind: String
  /// As in `SchemaObject`.
  public var schema: String
  /// As in `SchemaObject`.
  public var name: String
  /// As in `SchemaObject`.
  public var parent: String
  /// What is done to it.
  public var actions: Actions

  /// An object and what is done to it.
  public init(kind: String, schema: String = "", name: String, parent: String = "", actions: Actions) {
    self.kind = kind
    self.schema = schema
    self.name = name
    self.parent = parent
    self.actions = actions
  }
}

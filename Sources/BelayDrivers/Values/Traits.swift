import BelayRows
import CBelayDriver

/// What a connection can do; depends on the server's version and the user's grants.
package struct Traits: Sendable, Equatable {
  package var hasTransactions: Bool
  /// DDL is rolled back with the rest.
  package var hasTransactionalDDL: Bool
  /// Within a transaction, one connection sees one instant.
  package var hasStableRead: Bool
  package var isReadOnly: Bool
  /// Within a transaction nobody else writes to the database.
  package var isExclusive: Bool
  /// `promote` keeps what was there before under the scratch's URL, until that is dropped.
  package var swaps: Bool
  /// No scratch database can take this one's place.
  package var cannotPromote: Bool
  package var serverName: String
  package var serverVersion: String
  /// One character, doubled inside a quoted name.
  package var identQuote: String
  /// "?" or "$1".
  package var parameterStyle: String
  /// Equal for two URLs of one database, different otherwise; holds no secret.
  package var identity: String
  package var begin: String
  package var commit: String
  package var rollback: String
  /// Statements before the SQL text of a whole backup; may be empty.
  package var loadBegin: String
  /// Statements after it.
  package var loadEnd: String
  /// Lines for an archive's README: how to restore its native and SQL members with belay absent. May be empty.
  package var restoreSteps: [String]
  /// The name of the engine's usual migration convention; empty: it has none.
  package var convention: String
  /// The SQL expression that turns hex digits of UTF-8 into text; one ? marks the digits.
  package var hexText: String
  /// 0: no limit.
  package var maxSQLBytes: Int
  /// 0: no limit.
  package var maxParameters: Int
  /// 0: no limit.
  package var maxRowsPerExecute: Int
  /// 0: unknown.
  package var databaseBytes: UInt64
  /// Room left where the database lies; 0: unknown.
  package var freeBytes: UInt64

  /// Copies what the driver filled in. Throws the reason where it breaks the rules.
  init(_ filled: belay_traits) throws(Malformed) {
    func has(_ flag: Int) -> Bool { filled.flags & UInt32(flag) != 0 }
    func text(_ name: String, _ text: belay_str) throws(Malformed) -> String {
      guard let text = text.text else { throw Malformed("\(name) is not UTF-8") }
      return text
    }
    hasTransactions = has(BELAY_T_TXN)
    hasTransactionalDDL = has(BELAY_T_TXN_DDL)
    hasStableRead = has(BELAY_T_STABLE_READ)
    isReadOnly = has(BELAY_T_READ_ONLY)
    isExclusive = has(BELAY_T_EXCLUSIVE)
    swaps = has(BELAY_T_SWAPS)
    cannotPromote = has(BELAY_T_NO_PROMOTE)
    serverName = try text("server_name", filled.server_name)
    serverVersion = try text("server_version", filled.server_version)
    identQuote = try text("ident_quote", filled.ident_quote)
    parameterStyle = try text("param_style", filled.param_style)
    identity = try text("identity", filled.identity)
    begin = try text("txn_begin", filled.txn_begin)
    commit = try text("txn_commit", filled.txn_commit)
    rollback = try text("txn_rollback", filled.txn_rollback)
    loadBegin = try text("load_begin", filled.load_begin)
    loadEnd = try text("load_end", filled.load_end)
    restoreSteps = try text("restore_steps", filled.restore_steps).split(separator: "\n").map(String.init)
    let hexText = try text("hex_text", filled.hex_text)
    self.hexText = hexText.isEmpty ? "CAST(X'?' AS TEXT)" : hexText
    convention = try text("convention", filled.convention)
    maxSQLBytes = Int(clamping: filled.max_sql_bytes)
    maxParameters = Int(clamping: filled.max_params)
    maxRowsPerExecute = Int(clamping: filled.max_rows_per_execute)
    databaseBytes = filled.database_bytes
    freeBytes = filled.free_bytes
    if identQuote.count != 1 { throw Malformed("ident_quote is not one character") }
    if parameterStyle != "?", parameterStyle != "$1" { throw Malformed("param_style is neither ? nor $1") }
    if self.hexText.count(where: { $0 == "?" }) != 1 { throw Malformed("hex_text has not one ?") }
    if identity.isEmpty { throw Malformed("identity is empty") }
    if hasTransactions, begin.isEmpty || commit.isEmpty || rollback.isEmpty {
      throw Malformed("TXN is claimed without txn_begin, txn_commit and txn_rollback")
    }
  }

  /// Why the driver's answer cannot be used.
  struct Malformed: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
  }

  /// The name, fit for any statement.
  package func quoted(_ name: String) -> String {
    SQLQuote.name(name, quote: identQuote)
  }

  /// The name with its schema before it, where there is one.
  package func quoted(schema: String, name: String) -> String {
    schema.isEmpty ? quoted(name) : quoted(schema) + "." + quoted(name)
  }

  /// The placeholder of the parameter with this number, from 1.
  package func parameter(_ number: Int) -> String { parameterStyle == "?" ? "?" : "$\(number)" }

  /// `?, ?, ?` or `$1, $2, $3`; at least one.
  package func placeholders(_ count: Int) -> String {
    (1...max(1, count)).map(parameter).joined(separator: ", ")
  }
}

import BelayABI
import BelayRows
import CBelayDriver

extension Traits {
  /// Copies what the driver filled in. Throws the reason if it breaks the rules.
  init(_ filled: belay_traits) throws(Malformed) {
    func text(_ name: String, _ text: belay_str) throws(Malformed) -> String {
      guard let text = text.text else { throw Malformed("\(name) is not UTF-8") }
      return text
    }
    self.init()
    flags = TraitFlags(rawValue: filled.flags)
    serverName = try text("server_name", filled.server_name)
    serverVersion = try text("server_version", filled.server_version)
    identifierQuote = try text("ident_quote", filled.ident_quote)
    parameterStyle = try text("param_style", filled.param_style)
    identity = try text("identity", filled.identity)
    begin = try text("txn_begin", filled.txn_begin)
    commit = try text("txn_commit", filled.txn_commit)
    rollback = try text("txn_rollback", filled.txn_rollback)
    loadBegin = try text("load_begin", filled.load_begin)
    loadEnd = try text("load_end", filled.load_end)
    restoreSteps = try text("restore_steps", filled.restore_steps).split(
      separator: "\n", omittingEmptySubsequences: false
    ).map(String.init)
    if restoreSteps == [""] { restoreSteps = [] }
    let hexText = try text("hex_text", filled.hex_text)
    if !hexText.isEmpty { self.hexText = hexText }
    convention = try text("convention", filled.convention)
    maxSQLBytes = Int(clamping: filled.max_sql_bytes)
    maxParameters = Int(clamping: filled.max_params)
    maxRowsPerExecute = Int(clamping: filled.max_rows_per_execute)
    // More than any disk holds: who doubles it must not overflow.
    databaseBytes = min(filled.database_bytes, 1 << 60)
    freeBytes = filled.free_bytes
    if identifierQuote.count != 1 { throw Malformed("ident_quote is not one character") }
    if parameterStyle != "?", parameterStyle != "$1" { throw Malformed("param_style is neither ? nor $1") }
    if self.hexText.count(where: { $0 == "?" }) != 1 { throw Malformed("hex_text does not have exactly one ?") }
    if identity.isEmpty { throw Malformed("identity is empty") }
    if hasTransactions, begin.isEmpty || commit.isEmpty || rollback.isEmpty {
      throw Malformed("it claims TXN without txn_begin, txn_commit and txn_rollback")
    }
  }

  /// Why the driver's answer cannot be used.
  struct Malformed: Error {
    let reason: String
    init(_ reason: String) { self.reason = reason }
  }

  /// The name, quoted for any statement.
  package func quoted(_ name: String) -> String {
    SQLQuote.name(name, quote: identifierQuote)
  }

  /// The name with its schema, if it has one.
  package func quoted(schema: String, name: String) -> String {
    schema.isEmpty ? quoted(name) : quoted(schema) + "." + quoted(name)
  }

  /// The placeholder of a parameter, numbered from 1.
  package func parameter(_ number: Int) -> String { parameterStyle == "?" ? "?" : "$\(number)" }

  /// `?, ?, ?` or `$1, $2, $3`; at least one.
  package func placeholders(_ count: Int) -> String {
    (1...max(1, count)).map(parameter).joined(separator: ", ")
  }

  /// Whether `loadBegin` opens a transaction, which `loadEnd` commits.
  package var loadsInTransaction: Bool {
    loadBegin.split(separator: ";").contains { statement in
      let words = statement.split(whereSeparator: \.isWhitespace).map { $0.uppercased() }
      return words.first == "BEGIN" || words.starts(with: ["START", "TRANSACTION"])
    }
  }
}

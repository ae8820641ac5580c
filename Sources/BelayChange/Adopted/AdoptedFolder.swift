import BelayBase
import BelayDatabase
import BelayDrivers
import BelayRuns
import SystemPackage

/// A migrations folder of a tool that belay knows, and that tool's ledger in a database.
package struct AdoptedFolder {
  package let tool: any AdoptedTool
  /// Why it is that tool's, for people.
  package let reason: String
  let folder: ToolFolder
  let history: ToolHistory

  package static let tools: [any AdoptedTool] = [
    AtlasTool(), DbmateTool(), DieselTool(), DrizzleTool(), DrizzleFolderTool(), FlywayTool(), GolangMigrateTool(),
    GooseTool(), PrismaTool(), SqitchTool(), SqlxTool(),
  ]

  /// - Returns: nil: the folder is read in belay's own way.
  /// - Throws: where it has the marks of two tools, or its ledger cannot be kept.
  package static func find(
    _ path: FilePath, on connection: Connection, catalog: Catalog, context: RunContext
  ) throws(BelayError) -> AdoptedFolder? {
    let settings = context.settings.migrations
    guard settings.convention != .plain, settings.convention != .wranglerD1 else { return nil }
    let chosen = tools(settings.convention)
    guard let engine = LedgerEngine(rawValue: connection.driver.id) else {
      guard let chosen = chosen.first else { return nil }
      throw BelayError(
        .refused, "belay does not know how \(chosen.tool.name) keeps its ledger in \(connection.traits.serverName)",
        hint: "it knows SQLite and PostgreSQL; \(chosen.tool.advice)", state: "the database is untouched")
    }
    let folder = try ToolFolder(reading: path)
    if let chosen = chosen.first, !chosen.engines.contains(engine) {
      throw BelayError(
        .refused, "belay does not go on with \(chosen.tool.name)'s ledger in \(connection.traits.serverName)",
        hint: chosen.tool.advice, state: "the database is untouched")
    }
    let found = try recognised(folder, chosen, engine) { tool in
      let name = settings.ledger ?? tool.defaultTable
      return catalog.tables.first { $0.name == name && tool.fits(columns: $0.lowercasedColumns) }
    }
    guard let (tool, reason) = found else { return nil }
    // drizzle-kit writes files for wrangler too, whose ledger counts then.
    if chosen.isEmpty, tool.convention == .drizzle,
      WranglerHistory.ofLocalDatabase(table: settings.ledger, in: catalog) != nil
    {
      return nil
    }
    let content = try tool.read(folder)
    if let dialect = content.dialect, LedgerEngine(rawValue: dialect) != engine {
      throw otherEngine(folder, tool, dialect, engine)
    }
    let table = try place(tool, engine, settings.ledger, connection, catalog, context)
    if let present = table.table(in: catalog), !tool.fits(columns: present.lowercasedColumns) {
      throw wrongShape(tool, present)
    }
    let receipts = try Receipts(table: Receipts.defaultTable).placed(on: connection, context: context)
    let history = ToolHistory(tool: tool, table: table, content: content, receipts: receipts)
    return AdoptedFolder(tool: tool, reason: reason, folder: folder, history: history)
  }

  /// What is to be done, with why it is done by this tool's rules.
  func pending(
    _ request: MigrateRequest, on connection: Connection, catalog: Catalog, context: RunContext
  ) throws(BelayError) -> PendingMigrations.Found {
    if let name = request.files.first {
      throw BelayError(
        .refused, "\(name) cannot be applied by itself: its folder is \(tool.tool.name)'s (\(reason))",
        hint: "apply what is pending, as far as it with `--to`; `--convention plain` applies it without "
          + "\(tool.tool.name)'s ledger",
        state: "the database is untouched")
    }
    let account = try account(request, on: connection, catalog: catalog, context: context)
    var found = try account.find()
    if request.down == nil, request.downTo == nil {
      let elsewhere = try LedgersElsewhere(
        than: history.tables, catalog: catalog, connection: connection, context: context)
      found.findings += try elsewhere.check(found.files, isFirst: account.state.isLost, areNamed: false)
    }
    found.findings.append(
      Finding(
        .note, source: "migrations", rule: "convention", subject: folder.path.string,
        message: "is a folder of \(tool.tool.name)'s: \(reason); the ledger is \(history.table.name)"))
    return found
  }

  /// Folder and ledger side by side.
  func account(
    _ request: MigrateRequest, on connection: Connection, catalog: Catalog, context: RunContext
  ) throws(BelayError) -> AdoptedPending {
    let state = try history.state(connection, catalog: catalog, context: context)
    let receipts =
      history.receipts.exists(in: catalog) ? try history.receipts.rows(connection, context: context) : []
    let own = history.tables.union([Connection.lockTable])
    let strangers = catalog.tables.filter { table in
      table.hasRows && table.schema == history.table.schema && !table.flags.contains(.internal)
        && !own.contains(table.name)
    }
    return AdoptedPending(
      tool: tool, content: history.content, state: state, table: history.table.name, receipts: receipts,
      strangers: strangers.map(\.name), request: request, folder: folder.path.string)
  }

  /// The tool's own lock; nil: it has none.
  func lock(on connection: Connection, context: RunContext) throws(BelayError) -> ToolLock? {
    try ToolLock(of: tool, history.table, on: connection, context: context)
  }

  /// Those of a convention that a person has chosen; none: nobody has.
  static func tools(_ chosen: ConventionName?) -> [any AdoptedTool] {
    tools.filter { $0.convention == chosen }
  }

  /// Whose folder it is; nil: no tool's that belay knows.
  /// - Parameters:
  ///   - chosen: one of them it is, whatever the folder shows; none: that is not said.
  ///   - ledger: the table of a tool's ledger, where there is one.
  static func recognised(
    _ folder: ToolFolder, _ chosen: [any AdoptedTool], _ engine: LedgerEngine? = nil,
    ledger: (any AdoptedTool) -> CatalogTable?
  ) throws(BelayError) -> (any AdoptedTool, String)? {
    let words = "chosen by `--convention` or in belay.yaml"
    if let only = chosen.first, chosen.count == 1 { return (only, words) }
    var found: [(tool: any AdoptedTool, reason: String)] = []
    for tool in chosen.isEmpty ? tools : chosen where engine.map({ tool.engines.contains($0) }) ?? true {
      if let reason = try tool.reason(folder, ledger: ledger(tool)) { found.append((tool, reason)) }
    }
    if let first = chosen.first, found.isEmpty { return (first, words) }
    guard found.count > 1 else { return found.first.map { ($0.tool, $0.reason) } }
    let names = found.map(\.tool.tool.name).joined(separator: " and ")
    throw BelayError(
      .refused, "the migrations folder \(folder.path) has the marks of \(names)",
      hint:
        "say whose it is, e.g. `--convention \(found[0].tool.convention.rawValue)`, or give each a folder of its own",
      state: "the database is untouched", causes: found.map { "\($0.tool.tool.name): \($0.reason)" })
  }

  /// Where the ledger is; else where the tool would make it.
  private static func place(
    _ tool: any AdoptedTool, _ engine: LedgerEngine, _ configured: String?, _ connection: Connection,
    _ catalog: Catalog, _ context: RunContext
  ) throws(BelayError) -> LedgerTable {
    let name = configured ?? tool.defaultTable
    let named = catalog.tables.filter { $0.name == name }
    // A user's table may have that name too.
    let fitting = named.filter { tool.fits(columns: $0.lowercasedColumns) }
    let present = fitting.isEmpty && tool.tables.isEmpty ? named : fitting
    let usual = tool.schema(engine)
    let schema: String
    if present.count == 1 {
      schema = present[0].schema
    } else if let usual {
      schema = usual
    } else {
      schema = try Receipts(table: name).placed(on: connection, context: context).schema
    }
    return LedgerTable(engine: engine, name: name, schema: schema, traits: connection.traits)
  }

  private static func otherEngine(
    _ folder: ToolFolder, _ tool: any AdoptedTool, _ dialect: String, _ engine: LedgerEngine
  ) -> BelayError {
    BelayError(
      .refused,
      "the migrations folder \(folder.path) is written for \(dialect), and the database is \(engine.rawValue)",
      hint: "is this the right target, and the right folder? \(tool.tool.name) refuses it too",
      state: "the database is untouched")
  }

  private static func wrongShape(_ tool: any AdoptedTool, _ table: CatalogTable) -> BelayError {
    let columns = table.columns.filter { !$0.flags.contains(.implicit) }.map(\.name).joined(separator: ", ")
    return BelayError(
      .refused,
      "the table \(table.tableName) cannot be \(tool.tool.name)'s ledger: it has the columns \(columns)",
      hint: tool.otherShapeHint
        ?? "if \(tool.tool.name) keeps its ledger in another table, set `ledger:` in belay.yaml to its name",
      state: "the database is untouched")
  }
}

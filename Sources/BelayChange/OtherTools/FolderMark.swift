/// What the names in a folder say of the tool that keeps its migrations there.
package struct FolderMark: Sendable, Equatable {
  package let tool: MigrationTool
  /// What shows it, for a message: "it contains atlas.sum".
  package let reason: String
  /// The SQL files are plain ones in the order of their numbers; only the account of what is applied is the tool's own.
  package var isOnlyOfAccount = false

  /// What a folder contains, as far as belay looks.
  package struct Listing: Sendable {
    package var files: [String]
    /// By the folder's name.
    package var folders: [String: [String]]
    /// The folder's own name, and what lies beside it.
    package var name: String
    package var siblings: [String]

    package init(name: String, files: [String], folders: [String: [String]] = [:], siblings: [String] = []) {
      self.name = name
      self.files = files
      self.folders = folders
      self.siblings = siblings
    }
  }

  private init(_ tool: MigrationTool, _ reason: String, isOnlyOfAccount: Bool = false) {
    self.tool = tool
    self.reason = reason
    self.isOnlyOfAccount = isOnlyOfAccount
  }

  /// nil: nothing in it is of another tool.
  package init?(in listing: Listing) {
    guard
      let found = Self.ofMarkers(listing) ?? Self.ofFlyway(listing) ?? Self.ofPrograms(listing)
        ?? Self.ofFolders(listing)
    else { return nil }
    self = found
  }

  /// Files that one tool alone writes.
  private static func ofMarkers(_ listing: Listing) -> FolderMark? {
    let files = Set(listing.files.map { $0.lowercased() })
    if files.contains("atlas.sum") { return FolderMark(.atlas, "it contains atlas.sum", isOnlyOfAccount: true) }
    if files.contains("sqitch.plan") { return FolderMark(.sqitch, "it contains sqitch.plan") }
    if ["deploy", "revert", "verify"].contains(listing.name), listing.siblings.contains("sqitch.plan") {
      return FolderMark(.sqitch, "sqitch.plan lies beside it")
    }
    if files.contains("migration_lock.toml") { return FolderMark(.prisma, "it contains migration_lock.toml") }
    if listing.folders["meta"]?.contains("_journal.json") == true {
      return FolderMark(.drizzle, "it contains meta/_journal.json", isOnlyOfAccount: true)
    }
    if let name = listing.files.first(where: isChangelog) { return FolderMark(.liquibase, "it contains \(name)") }
    if files.contains("tern.conf") {
      return FolderMark(MigrationTool("tern", command: "tern migrate"), "it contains tern.conf")
    }
    if files.contains("alembic.ini") || files.contains("script.py.mako") {
      return FolderMark(.alembic, "it contains \(files.contains("alembic.ini") ? "alembic.ini" : "script.py.mako")")
    }
    return nil
  }

  private static func isChangelog(_ name: String) -> Bool {
    name.lowercased().contains("changelog") && [".xml", ".yaml", ".yml", ".json"].contains { name.hasSuffix($0) }
  }

  /// `V1__x.sql`, `U1__x.sql`, `R__x.sql`, `B1__x.sql`, and files that it runs at certain moments.
  private static func ofFlyway(_ listing: Listing) -> FolderMark? {
    let names = listing.files.filter { $0.lowercased().hasSuffix(".sql") }
    if let name = names.first(where: { $0.firstMatch(of: /^(?:[VUBvub][0-9][0-9._]*|[Rr])__/) != nil }) {
      return FolderMark(.flyway, "\(name) is named as Flyway names migrations")
    }
    let moment =
      /^(?:before|after)(?:Each)?(?:Migrate|Undo|Clean|Info|Validate|Baseline|Repair|Versioned|Repeatables|Connect|CreateSchema)/
    if let name = names.first(where: { $0.firstMatch(of: moment) != nil }) {
      return FolderMark(.flyway, "\(name) is named as Flyway names what it runs before or after migrations")
    }
    if let name = listing.files.first(where: { $0.hasSuffix(".sql.conf") }) {
      return FolderMark(.flyway, "it contains \(name)")
    }
    return nil
  }

  /// Migrations that are programs stand between the SQL files or instead of them.
  private static func ofPrograms(_ listing: Listing) -> FolderMark? {
    let isPython = listing.files.contains("__init__.py")
    let kinds: [(ending: String, tool: MigrationTool)] = [
      (".rb", .rails), (".py", isPython ? .django : MigrationTool("a tool for Python")),
      (".php", MigrationTool("a tool for PHP, such as Laravel or Doctrine")),
      (".exs", MigrationTool("Ecto", command: "mix ecto.migrate")),
      (".js", MigrationTool("a tool for JavaScript, such as Knex or Sequelize")),
      (".cjs", MigrationTool("a tool for JavaScript, such as Knex or Sequelize")),
      (".mjs", MigrationTool("a tool for JavaScript, such as Knex or Sequelize")),
      (".ts", MigrationTool("a tool for TypeScript, such as TypeORM or Kysely")),
      (".go", MigrationTool("a tool for Go, such as goose")), (".cs", .entityFramework),
      (".java", .flyway), (".kt", .flyway), (".xml", .liquibase),
    ]
    for (ending, tool) in kinds {
      let names = listing.files.filter { $0.hasSuffix(ending) }
      // Others may lie there for other reasons; a number in front says that it has a place in the order.
      if let name = names.first(where: { $0.firstMatch(of: /^[Vv]?_?[0-9]+/) != nil }) {
        return FolderMark(tool, "\(name) is a migration, and not SQL")
      }
    }
    return nil
  }

  /// A folder for each migration, or one for each way.
  private static func ofFolders(_ listing: Listing) -> FolderMark? {
    if listing.files.contains(where: { $0.hasSuffix(".sql") }) { return nil }
    for (name, files) in listing.folders.sorted(by: { $0.key < $1.key }) {
      if files.contains("migration.sql") {
        let isDrizzle = files.contains("snapshot.json")
        return FolderMark(isDrizzle ? .drizzle : .prisma, "it contains \(name)/migration.sql")
      }
      if files.contains("up.sql") {
        return FolderMark(MigrationTool("Diesel or Hasura"), "it contains \(name)/up.sql")
      }
      if name == "versions", files.contains(where: { $0.hasSuffix(".py") }) {
        return FolderMark(.alembic, "it contains versions/*.py")
      }
      if name == "migrate", files.contains(where: { $0.hasSuffix(".rb") }) {
        return FolderMark(.rails, "it contains migrate/*.rb")
      }
    }
    return nil
  }
}

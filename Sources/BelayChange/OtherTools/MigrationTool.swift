/// A migration tool that is not belay. belay recognises its files and its ledger, so as not to run files by rules that
/// are not theirs.
package struct MigrationTool: Sendable, Hashable {
  /// As a message names it.
  package let name: String
  /// What applies its migrations; nil: no one command does.
  package let command: String?

  package init(_ name: String, command: String? = nil) {
    self.name = name
    self.command = command
  }

  /// "apply them with `belay guard TARGET -- goose up`"
  package var advice: String {
    command.map { "apply them with `belay guard TARGET -- \($0)`" } ?? "apply them with that tool, under `belay guard`"
  }
}

extension MigrationTool {
  package static let alembic = MigrationTool("Alembic", command: "alembic upgrade head")
  package static let atlas = MigrationTool("Atlas", command: "atlas migrate apply")
  package static let dbmate = MigrationTool("dbmate", command: "dbmate up")
  package static let diesel = MigrationTool("Diesel", command: "diesel migration run")
  package static let django = MigrationTool("Django", command: "manage.py migrate")
  package static let drizzle = MigrationTool("Drizzle", command: "drizzle-kit migrate")
  package static let entityFramework = MigrationTool("Entity Framework", command: "dotnet ef database update")
  package static let flyway = MigrationTool("Flyway", command: "flyway migrate")
  package static let golangMigrate = MigrationTool("golang-migrate", command: "migrate up")
  package static let goose = MigrationTool("goose", command: "goose up")
  package static let liquibase = MigrationTool("Liquibase", command: "liquibase update")
  package static let prisma = MigrationTool("Prisma", command: "prisma migrate deploy")
  package static let rails = MigrationTool("Rails", command: "rails db:migrate")
  package static let sqitch = MigrationTool("Sqitch", command: "sqitch deploy")
  package static let sqlx = MigrationTool("SQLx", command: "sqlx migrate run")
  package static let wrangler = MigrationTool("wrangler", command: "wrangler d1 migrations apply")
  /// Of one that belay cannot name.
  package static let unknown = MigrationTool("another migration tool")
}

import BelayDriverKit
import SQLiteDialect

/// What a SQLite file holds beside its tables. The first three must be set before anything is created.
enum SettingObjects {
  static func read(_ database: Database) throws(DriverFailure) -> [SchemaObject] {
    [
      setting("encoding", SQLQuote.literal(try database.text("PRAGMA encoding")), isContent: true),
      // How the content is laid out, not what it is: a restore into a file that others hold open in WAL mode cannot
      // change it, and loses nothing by that. An empty definition makes them equal in every comparison.
      setting("page_size", String(try database.integer("PRAGMA page_size")), isContent: false),
      setting("auto_vacuum", String(try database.integer("PRAGMA auto_vacuum")), isContent: false),
      setting("application_id", String(try database.integer("PRAGMA application_id")), isContent: true),
      setting("user_version", String(try database.integer("PRAGMA user_version")), isContent: true),
    ]
  }

  private static func setting(_ name: String, _ value: String, isContent: Bool) -> SchemaObject {
    SchemaObject(kind: "setting", name: name, definition: isContent ? value : "", ddl: "PRAGMA \(name)=\(value);")
  }
}

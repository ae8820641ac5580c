import BelayDriverKit
import SQLiteDialect

/// What a SQLite file contains besides its tables. The first three must be set before anything is created.
enum SettingObjects {
  static func read(_ database: Database) throws(DriverFailure) -> [SchemaObject] {
    [
      setting("encoding", SQLQuote.literal(try database.text("PRAGMA encoding")), isContent: true),
      // These affect the layout of the file, not its content: a restore into a file that others have open in WAL mode
      // cannot change them, and does not need to. With an empty definition they are equal in every comparison.
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

import DriverTesting
import Foundation
import Testing

/// An engine, and a family of tables in it: parents, whose children go with them, and notes, which then point nowhere.
enum CaughtEngine: String, CaseIterable, CustomTestStringConvertible {
  case sqlite = "SQLite"
  case postgresql = "PostgreSQL"
  case d1 = "D1"
  case mariadb = "MariaDB"

  var testDescription: String { rawValue }

  func workspace() throws -> BelayFolder {
    switch self {
    case .sqlite: try Workspace(schema: schema)
    case .postgresql: try PostgreSQLWorkspace(schema: schema)
    case .d1: try D1Workspace(schema: schema)
    case .mariadb: try MariaDBWorkspace(schema: schema)
    }
  }

  var isSQLite: Bool { self == .sqlite || self == .d1 }

  static let childColumns = """
    id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parents(id) ON DELETE CASCADE,
      a INTEGER NOT NULL DEFAULT 7 CHECK (a > 0), b INTEGER UNIQUE
    """

  private var schema: String {
    """
    CREATE TABLE parents (id INTEGER PRIMARY KEY, name VARCHAR(50) NOT NULL UNIQUE, rank INTEGER);
    CREATE TABLE children (\(Self.childColumns));
    CREATE TABLE notes (id INTEGER PRIMARY KEY, parent INTEGER REFERENCES parents(id) ON DELETE SET NULL);
    CREATE VIEW noted AS SELECT id, parent FROM notes;
    CREATE TABLE log (what VARCHAR(50));
    \(trigger)
    INSERT INTO parents VALUES (1, 'one', 10), (2, 'two', 20), (3, 'three', 30);
    INSERT INTO children VALUES (1, 1, 1, 11), (2, 1, 2, 22), (3, 2, 3, 33), (4, 3, 4, 44);
    INSERT INTO notes VALUES (1, 1), (2, 2), (3, 3);
    INSERT INTO log VALUES ('a'), ('b');
    """
  }

  private var trigger: String {
    guard self == .postgresql else { return makeTrigger }
    return """
      CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS $$BEGIN DELETE FROM log; RETURN old; END$$;
      \(makeTrigger)
      """
  }

  private var makeTrigger: String {
    let body =
      switch self {
      case .sqlite, .d1: "BEGIN DELETE FROM log; END"
      case .postgresql: "FOR EACH ROW EXECUTE FUNCTION forget()"
      case .mariadb: "FOR EACH ROW DELETE FROM log"
      }
    return "CREATE TRIGGER gone AFTER DELETE ON children \(body);"
  }

  /// `children` made anew, with these columns, and filled from the old one.
  func rebuild(
    _ columns: String = childColumns, filling: String = "SELECT * FROM children", keepsTrigger: Bool = true
  ) -> String {
    """
    CREATE TABLE n (\(columns));
    INSERT INTO n \(filling);
    DROP TABLE children;
    ALTER TABLE n RENAME TO children;
    \(keepsTrigger ? makeTrigger : "")
    """
  }
}

/// A migration that loses something without saying so.
struct CaughtLoss: Sendable {
  let what: String
  let sql: @Sendable (CaughtEngine) -> String

  init(_ what: String, _ sql: @escaping @Sendable (CaughtEngine) -> String) { (self.what, self.sql) = (what, sql) }
  init(_ what: String, _ sql: String) { self.init(what) { _ in sql } }

  static let all = [
    CaughtLoss("rows of a child, by `ON DELETE CASCADE`", "DELETE FROM parents WHERE id = 1;"),
    CaughtLoss(
      "the same in a file that also deletes from the child",
      "DELETE FROM children WHERE id = 99;\nDELETE FROM parents WHERE id = 1;"),
    CaughtLoss(
      "the same in a file that also inserts as many",
      "DELETE FROM parents WHERE id = 1;\nINSERT INTO children VALUES (8, 2, 5, 88), (9, 2, 6, 99);"),
    CaughtLoss(
      "values of a child, by `ON DELETE SET NULL`", "DELETE FROM children;\nDELETE FROM parents WHERE id = 2;"),
    CaughtLoss(
      "the same in a file that also updates one of its rows",
      "DELETE FROM children;\nUPDATE notes SET parent = 1 WHERE id = 1;\nDELETE FROM parents WHERE id = 2;"),
    CaughtLoss("rows of a table that a trigger empties", "DELETE FROM children WHERE id = 4;"),
    CaughtLoss("rows that a rebuild leaves out") {
      $0.rebuild(filling: "SELECT * FROM children WHERE id < 4")
    },
    CaughtLoss("rows in whose place a rebuild puts others") {
      $0.rebuild(filling: "SELECT * FROM children WHERE id < 4")
        .replacing("DROP TABLE", with: "INSERT INTO n VALUES (9, 2, 9, 99);\nDROP TABLE")
    },
    CaughtLoss("a column that a rebuild forgets to fill") {
      $0.rebuild(filling: "(id, parent, b) SELECT id, parent, b FROM children")
    },
    CaughtLoss("columns that a rebuild exchanges") {
      $0.rebuild(filling: "SELECT id, parent, b, a FROM children")
    },
    CaughtLoss("a UNIQUE that a rebuild leaves out") {
      $0.rebuild(CaughtEngine.childColumns.replacing(" UNIQUE", with: ""))
    },
    CaughtLoss("a NOT NULL that a rebuild leaves out") {
      $0.rebuild(CaughtEngine.childColumns.replacing("NOT NULL ", with: ""))
    },
    CaughtLoss("a DEFAULT that a rebuild leaves out") {
      $0.rebuild(CaughtEngine.childColumns.replacing("DEFAULT 7 ", with: ""))
    },
    CaughtLoss("a CHECK that a rebuild leaves out") {
      $0.rebuild(CaughtEngine.childColumns.replacing(" CHECK (a > 0)", with: ""))
    },
    CaughtLoss("a foreign key that a rebuild leaves out") {
      $0.rebuild(
        CaughtEngine.childColumns.replacing(" REFERENCES parents(id) ON DELETE CASCADE", with: ""))
    },
    CaughtLoss("a trigger that goes with a rebuilt table") { $0.rebuild(keepsTrigger: false) },
    CaughtLoss("children that go with a rebuilt parent") { engine in
      """
      CREATE TABLE n (id INTEGER PRIMARY KEY, name VARCHAR(50) NOT NULL UNIQUE, rank INTEGER);
      INSERT INTO n SELECT * FROM parents;
      DROP TABLE parents;
      ALTER TABLE n RENAME TO parents;
      """
    },
    CaughtLoss("a view that no longer works", "DROP TABLE notes;"),
  ]
}

@Suite("What is caught where a migration does not say that it loses something", .serialized)
struct CaughtLossTests {
  /// What becomes of it: the word in the table, and whether the database was changed.
  private func outcome(of run: Program.Outcome) -> (word: String, isApplied: Bool) {
    switch run.status {
    case 31: ("refused", false)
    case 30: ("the engine refuses", false)
    case 0, 3: (run.errors.contains("[rebuild-loses-") ? "a warning in the plan" : "passes", true)
    default: ("exit \(run.status)", false)
    }
  }

  @Test("the plan says where belay has to read the rows of the database itself", arguments: CaughtEngine.allCases)
  func readsRows(engine: CaughtEngine) throws {
    let shop = try engine.workspace()
    try shop.migration("1.sql", "CREATE TABLE made (id INTEGER PRIMARY KEY);")
    let run = try shop.belay("migrate", shop.url, "--plan")
    #expect(run.status == 0, "\(run)")
    let isSaid = run.output.contains("does not tell what a migration has written")
    #expect(isSaid == [.d1, .mariadb].contains(engine), "\(run)")
  }

  /// What the file also does to the child.
  static func writes(_ engine: CaughtEngine) -> [String] {
    [
      "DELETE FROM children WHERE b = 99;", "DELETE FROM children WHERE id = 1;",
      "INSERT INTO children VALUES (11, 2, 1, 111), (12, 2, 1, 122);", "UPDATE children SET a = 9 WHERE id = 1;",
      "REPLACE INTO children VALUES (1, 2, 1, 11);",
      engine == .mariadb
        ? "INSERT INTO children VALUES (1, 2, 1, 11) ON DUPLICATE KEY UPDATE a = 9;"
        : "INSERT INTO children VALUES (1, 2, 1, 11) ON CONFLICT(id) DO UPDATE SET a = 9;",
      "ALTER TABLE children ADD COLUMN more INTEGER;", engine.rebuild(),
    ]
  }

  /// Where the engine does not tell what its statements did. The others have tests of their own.
  @Test("a cascade is found in whatever way the file also writes the child", arguments: [CaughtEngine.d1, .mariadb])
  func alsoWritten(engine: CaughtEngine) throws {
    let shop = try engine.workspace()
    for (number, write) in Self.writes(engine).enumerated() {
      let cascade = "DELETE FROM parents WHERE id = 1 OR id = 3;"
      for (place, sql) in ["\(write)\n\(cascade)", "\(cascade)\n\(write)"].enumerated() {
        try shop.migration("\(number)\(place).sql", sql)
        let run = try shop.belay("migrate", shop.url, "migrations/\(number)\(place).sql", "--yes")
        #expect(run.status == 31 && run.errors.contains("table children"), "\(sql)\n\(run)")
      }
    }
  }

  /// What says all that it does, or loses nothing.
  static let sound = [
    CaughtLoss("a rebuild that keeps everything") { $0.rebuild() },
    CaughtLoss("a rebuild with an expression for a column") {
      $0.rebuild(filling: "SELECT id, parent, a + 1, b FROM children")
    },
    CaughtLoss("a deletion, child by child") { _ in
      "DELETE FROM log;\nDELETE FROM notes WHERE parent = 1;\nDELETE FROM children WHERE parent = 1;\nDELETE FROM parents WHERE id = 1;"
    },
    CaughtLoss("a rebuild that says by a constraint of the table what the column said") {
      $0.rebuild(
        CaughtEngine.childColumns.replacing(" CHECK (a > 0)", with: "") + ", CONSTRAINT positive CHECK (a > 0)")
    },
    CaughtLoss("a column that may be NULL now, and has no default") { engine in
      switch engine {
      case .sqlite, .d1: "SELECT 1;"
      case .postgresql: "ALTER TABLE children ALTER a DROP NOT NULL, ALTER a DROP DEFAULT;"
      case .mariadb: "ALTER TABLE children MODIFY a INTEGER;"
      }
    },
    CaughtLoss("a column more, filled") { _ in
      "ALTER TABLE parents ADD COLUMN level INTEGER;\nUPDATE parents SET level = rank / 10;"
    },
  ]

  @Test("a sound file is refused nowhere", arguments: CaughtEngine.allCases)
  func soundFiles(engine: CaughtEngine) throws {
    let shop = try engine.workspace()
    for (number, file) in Self.sound.enumerated() {
      try shop.migration("\(number).sql", file.sql(engine))
      let run = try shop.belay("migrate", shop.url, "--yes")
      #expect([0, 3].contains(run.status), "\(file.what): \(run)")
    }
  }

  private func column(_ engine: CaughtEngine) throws -> [String] {
    var shop: BelayFolder?
    return try CaughtLoss.all.map { loss in
      let used = try shop ?? engine.workspace()
      shop = used
      try used.migration("1.sql", loss.sql(engine))
      let run = try used.belay("migrate", used.url, "--yes")
      let (word, isApplied) = outcome(of: run)
      if isApplied { shop = nil }
      if ProcessInfo.processInfo.environment["BELAY_SHOWS_RUNS"] != nil { print("=== \(engine): \(loss.what)\n\(run)") }
      return word
    }
  }

  @Test("the page says of each engine what it is")
  func page() throws {
    let columns = try CaughtEngine.allCases.map(column)
    let header = ["A migration that loses, and does not say so"] + CaughtEngine.allCases.map(\.rawValue)
    var lines = ["| " + header.joined(separator: " | ") + " |", "|" + String(repeating: " --- |", count: header.count)]
    for (row, loss) in CaughtLoss.all.enumerated() {
      lines.append("| " + ([loss.what] + columns.map { $0[row] }).joined(separator: " | ") + " |")
    }
    try GuideTable(file: "docs/contract.md", marker: "caught").expect(lines)
  }
}

import BelayDrivers
import DriverTesting

extension ContractSubject {
  /// The example in C against a real server, built as its author builds it.
  static let mariadb = ContractSubject(
    name: "mariadb",
    driver: {
      try MariaDBServer.driver()
      return try DriverSearch(paths: [], environment: [:], executable: "/proc/self/exe").load(named: "mariadb")
    },
    url: { folder, name in
      // A database has no folder: the test's own becomes part of its name. The server goes with the tests.
      let suffix = folder.split(separator: "-").last.map { String($0).lowercased() } ?? ""
      let server = try? MariaDBServer.shared()
      return server?.url("\(name)_\(suffix)") ?? "mariadb://no-server.invalid/none"
    },
    setUp: [
      """
      CREATE TABLE `odd "na``me` (k varchar(200) COLLATE utf8mb4_bin PRIMARY KEY, `the value` longtext)
      """
    ], table: "odd \"na`me",
    rows: [
      [.text("null"), .null], [.text("empty"), .text("")], [.text(""), .text("the empty key")],
      [.text("null's name"), .text("\\N")], [.text("control"), .text("\u{0}\u{1}\t\u{b}\u{1a}\u{7f}")],
      [.text("quotes"), .text("it's \"so\"\r\n")], [.text("é"), .text("naïve 🧗")], [.text("digits"), .text("00123")],
      [.text("slashes"), .text("\\\\a\\b\\'")],
    ],
    garbage: nil,
    // Its schema has what only tables could be moved without.
    promotes: false,
    endlessQuery: "SELECT count(*) FROM seq_1_to_1000000 a, seq_1_to_1000000 b WHERE a.seq + b.seq < 0",
    schema: [
      "CREATE TABLE parent (id int PRIMARY KEY, name varchar(100) NOT NULL UNIQUE)",
      """
      CREATE TABLE child (id int AUTO_INCREMENT PRIMARY KEY, parent_id int NOT NULL,
        CONSTRAINT child_of FOREIGN KEY (parent_id) REFERENCES parent(id) ON DELETE CASCADE)
      """,
      "CREATE INDEX child_id ON child(parent_id, id)",
      "CREATE VIEW names AS SELECT name FROM parent",
      "INSERT INTO parent (id, name) VALUES (1, 'one'), (2, 'two')",
      "INSERT INTO child (id, parent_id) VALUES (10, 1), (11, 2), (12, 2)",
    ],
    script: [
      ("CREATE TABLE fresh (id int PRIMARY KEY, note text)", [Write(kind: "table", name: "fresh", actions: .create)]),
      ("INSERT INTO fresh VALUES (1, 'a;b'), (2, 'it\\'s')", [Write(kind: "table", name: "fresh", actions: .insert)]),
      (
        #"UPDATE `odd "na``me` SET `the value` = ';'"#,
        [Write(kind: "table", name: "odd \"na`me", actions: .update)]
      ),
      ("DELETE FROM fresh WHERE note = 'a;b'", [Write(kind: "table", name: "fresh", actions: .delete)]),
      (
        "CREATE INDEX fresh_note ON fresh(note(10))",
        [Write(kind: "index", name: "fresh_note", parent: "fresh", actions: .create)]
      ),
      (
        "CREATE TRIGGER fresh_bi BEFORE INSERT ON fresh FOR EACH ROW BEGIN\n  SET NEW.note = 'x;'; SET @a = 1;\nEND",
        [Write(kind: "trigger", name: "fresh_bi", parent: "fresh", actions: .create)]
      ),
      ("SELECT count(*) FROM fresh", []),
      ("CREATE VIEW notes AS SELECT note FROM fresh", [Write(kind: "view", name: "notes", actions: .create)]),
      ("DROP VIEW notes", [Write(kind: "view", name: "notes", actions: .drop)]),
    ],
    extensions: [.script, .scratch, .lock, .sessions, .explain, .integrity])
}

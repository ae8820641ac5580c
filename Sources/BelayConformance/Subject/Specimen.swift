import BelayDrivers
import Yams

/// What the suite puts into a database, in the engine's own dialect. The defaults are plain SQL that most engines
/// accept.
package struct Specimen: Codable, Sendable {
  /// Settings for every open.
  package var options: [String: String] = [:]
  /// The table that most rules use: two columns, the first of which is its key.
  var table = "belay \"test"
  /// Creates that table; `{table}` is its quoted name. Empty: every database has it, and no other can be created.
  var setup = ["CREATE TABLE {table} (k VARCHAR(200) NOT NULL PRIMARY KEY, v {text})"]
  /// Text rows for it that must be read back as they were written.
  var rows: [[String?]] = [
    ["null", nil], ["empty", ""], ["", "the empty key"], ["quotes", "it's \"so\" `here`"], ["lines", "a\r\nb\tc"],
    ["backslash", "\\N \\. \\\\a\\0"], ["é", "naïve 🧗"], ["digits", "00123"], ["spaces", "  a  "],
  ]
  /// The engine's column type for each type of cell; "" if it has none.
  var types: [String: String] = [:]
  private static let plainTypes = [
    "bool": "BOOLEAN", "i64": "BIGINT", "f64": "DOUBLE PRECISION", "text": "TEXT", "blob": "BLOB",
  ]
  /// The size of the longest value that must be read back completely, in bytes.
  var longestValue = 50 << 20
  /// More of a schema, with rows: keys, indexes, views, triggers.
  var schema = [
    "CREATE TABLE parent (id INTEGER NOT NULL PRIMARY KEY, name VARCHAR(100) NOT NULL UNIQUE)",
    """
    CREATE TABLE child (id INTEGER NOT NULL PRIMARY KEY, parent_id INTEGER NOT NULL, \
    FOREIGN KEY (parent_id) REFERENCES parent(id) ON DELETE CASCADE)
    """,
    "CREATE INDEX child_parent ON child(parent_id)",
    "CREATE VIEW names AS SELECT name FROM parent",
    // Several rows in one INSERT are not every engine's.
    "INSERT INTO parent (id, name) VALUES (1, 'one')",
    "INSERT INTO parent (id, name) VALUES (2, 'two')",
    "INSERT INTO child (id, parent_id) VALUES (10, 1)",
    "INSERT INTO child (id, parent_id) VALUES (11, 2)",
    "INSERT INTO child (id, parent_id) VALUES (12, 2)",
  ]
  /// Statements that run one after another, and what each writes itself.
  var script: [Step] = [
    Step("CREATE TABLE fresh (id INTEGER NOT NULL PRIMARY KEY, note VARCHAR(100))", [("create", "table", "fresh")]),
    Step("INSERT INTO fresh (id, note) VALUES (1, 'a;b')", [("insert", "table", "fresh")]),
    Step("INSERT INTO fresh (id, note) VALUES (2, 'it''s')", [("insert", "table", "fresh")]),
    Step(
      "UPDATE fresh SET note = 'c -- ;' WHERE id = 2", [("update", "table", "fresh")], computes: ["fresh.note"]),
    Step("DELETE FROM fresh WHERE note = 'a;b'", [("delete", "table", "fresh")]),
    Step("SELECT count(*) FROM fresh", []),
    Step("CREATE VIEW notes AS SELECT note FROM fresh", [("create", "view", "notes")]),
    Step("DROP VIEW notes", [("drop", "view", "notes")]),
  ]
  /// Statements that write, after those of `schema`, and which rows of which tables.
  var footprints = [Written(["DELETE FROM parent WHERE id = 2"], ["parent": [0, 0, 1], "child": [0, 0, 2, 0, 0, 0]])]
  /// A query that runs for minutes; "" if there is none.
  var endless = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n"
  /// If the URL's path, from its first `/`, is a file: content with which it is not a database. Otherwise "".
  var garbage = ""
  /// Whether the driver's `restore_steps` may be run: their programs find the right server, by their environment.
  var runsRestoreSteps = false

  /// Statements of one transaction, and the rows that they write.
  struct Written: Codable, Sendable {
    var sql: [String]
    /// By table: rows inserted, updated and deleted; then, unless they are the same, those of them that the statements write
    /// themselves. Of tables that are not here none are written.
    var rows: [String: [Int64]]

    init(_ sql: [String], _ rows: [String: [Int64]]) {
      self.sql = sql
      self.rows = rows
    }
  }

  /// One statement, and what it writes itself.
  struct Step: Codable, Sendable {
    var sql: String
    /// Each "ACTION KIND NAME", e.g. "create table fresh".
    var writes: [String]
    /// Columns that get the value of an expression, in rows that are copied or that are there, each "TABLE.COLUMN".
    var computes: [String]

    init(_ sql: String, _ writes: [(action: String, kind: String, name: String)], computes: [String] = []) {
      self.sql = sql
      self.computes = computes
      self.writes = writes.map { "\($0.action) \($0.kind) \($0.name)" }
    }

    init(from decoder: any Decoder) throws {
      let fields = try decoder.container(keyedBy: CodingKeys.self)
      sql = try fields.decode(String.self, forKey: .sql)
      writes = try fields.decodeIfPresent([String].self, forKey: .writes) ?? []
      computes = try fields.decodeIfPresent([String].self, forKey: .computes) ?? []
    }
  }

  package init() {}

  /// Whether tables can be created.
  var makesTables: Bool { !setup.isEmpty }

  /// The engine's column type, for statements; nil if it has none.
  func columnType(_ type: String) -> String? {
    let word = types[type] ?? Self.plainTypes[type] ?? ""
    return word.isEmpty ? nil : word
  }

  /// The rows as cells.
  var cells: [[Value]] { rows.map { $0.map { $0.map(Value.text) ?? .null } } }
}

extension Specimen {
  private enum CodingKeys: String, CodingKey, CaseIterable {
    case options, table, setup, rows, types
    case longestValue = "longest_value"
    case schema, script, footprints, endless, garbage
    case runsRestoreSteps = "restore_steps"
  }

  package init(from decoder: any Decoder) throws {
    self.init()
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    func take<T: Decodable>(_ key: CodingKeys, _ into: inout T) throws {
      if let value = try fields.decodeIfPresent(T.self, forKey: key) { into = value }
    }
    try take(.options, &options)
    try take(.table, &table)
    try take(.setup, &setup)
    try take(.rows, &rows)
    try take(.types, &types)
    try take(.longestValue, &longestValue)
    try take(.schema, &schema)
    try take(.script, &script)
    try take(.footprints, &footprints)
    try take(.endless, &endless)
    try take(.garbage, &garbage)
    try take(.runsRestoreSteps, &runsRestoreSteps)
  }

  /// Parses the text of a YAML (or JSON) file. Throws a readable reason.
  package init(yaml text: String) throws(Unreadable) {
    do {
      if let node = try Yams.compose(yaml: text) {
        guard let keys = node.mapping?.keys.compactMap(\.string) else {
          throw Unreadable("the top level must be a mapping")
        }
        let known = CodingKeys.allCases.map(\.rawValue)
        if let odd = keys.first(where: { !known.contains($0) }) {
          throw Unreadable("\(odd) is not a known key; the keys are: \(known.joined(separator: ", "))")
        }
        self = try YAMLDecoder().decode(Specimen.self, from: text)
      } else {
        self.init()
      }
    } catch let error as Unreadable {
      throw error
    } catch let error as DecodingError {
      throw Unreadable(Self.words(error))
    } catch {
      throw Unreadable("\(error)")
    }
    if rows.isEmpty || rows.contains(where: { $0.count != 2 }) {
      throw Unreadable("each row in rows must have two values")
    }
    if footprints.contains(where: { $0.rows.values.contains { ![3, 6].contains($0.count) } }) {
      throw Unreadable("each table in footprints must have three numbers, or six")
    }
  }

  /// "rows[2][1] must be a text, but is a list"
  private static func words(_ error: DecodingError) -> String {
    func place(_ path: [any CodingKey]) -> String {
      path.reduce("") { text, key in
        if let index = key.intValue { return "\(text)[\(index + 1)]" }
        return text.isEmpty ? key.stringValue : "\(text).\(key.stringValue)"
      }
    }
    switch error {
    case .typeMismatch(let type, let context), .valueNotFound(let type, let context):
      return "\(place(context.codingPath)) must be \(wanted("\(type)"))"
    case .keyNotFound(let key, let context):
      return "\(place(context.codingPath)) has no `\(key.stringValue)`"
    case .dataCorrupted(let context):
      let cause = context.underlyingError.map { "\($0)" } ?? context.debugDescription
      return context.codingPath.isEmpty
        ? "it is not YAML: \(cause)" : "\(place(context.codingPath)): \(context.debugDescription)"
    @unknown default:
      return "\(error)"
    }
  }

  /// - Parameter type: Swift's, or the decoder's own for a node of YAML.
  private static func wanted(_ type: String) -> String {
    switch type.prefix(while: { $0 != "<" }) {
    case "Int": "a whole number"
    case "Bool": "true or false"
    case "Array", "Sequence": "a list"
    case "Dictionary", "Mapping": "a mapping (key: value)"
    default: "a text"
    }
  }

  /// Why a file cannot be used.
  package struct Unreadable: Error {
    package let reason: String
    init(_ reason: String) { self.reason = reason }
  }
}

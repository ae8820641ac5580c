import BelayBase
import BelayText
import Foundation

/// What a project's folder tells of its database and its migrations, to one who has never seen it.
struct ProjectFolder {
  private let path: String

  init(_ path: String) { self.path = path }

  // MARK: Databases

  /// Every database that can be meant, the surest first.
  func targets() -> [ProposedTarget] {
    var found = environmentFiles().compactMap { $0 }
    for target in databaseFiles() where !found.contains(where: { $0.url == target.url }) { found.append(target) }
    return found
  }

  /// `DATABASE_URL` in `.env`.
  private func environmentFiles() -> [ProposedTarget?] {
    [".env", ".env.local"].map { name in
      guard let text = text(name), let value = Self.value(of: "DATABASE_URL", in: text) else { return nil }
      return ProposedTarget(of: value, from: "DATABASE_URL", reason: "\(name) has DATABASE_URL").map(placed)
    }
  }

  /// With the path of a file that exists: the paths of Prisma start from the folder of its schema. Where none does, the reason
  /// says so.
  func placed(_ target: ProposedTarget) -> ProposedTarget {
    guard let file = target.file else { return target }
    func exists(_ file: String) -> Bool {
      FileManager.default.fileExists(atPath: file.hasPrefix("/") ? file : absolute(file))
    }
    if exists(file) { return target }
    // Whoever mistypes a URL of a server may have typed a password.
    let shown = redact(url: target.url).dropFirst("sqlite:".count)
    let inPrisma = "prisma/" + file
    guard !file.hasPrefix("/"), exists(inPrisma) else {
      return ProposedTarget(
        name: target.name, url: target.url, reason: "\(target.reason); there is no file \(shown) yet")
    }
    return ProposedTarget(
      name: target.name, url: "sqlite:\(inPrisma)", reason: "\(target.reason), and the file is \(inPrisma)")
  }

  static func value(of variable: String, in text: String) -> String? {
    for line in text.split(whereSeparator: \.isNewline) {
      // Some editors begin a file with a mark of its encoding.
      var line = line.drop { $0.isWhitespace || $0 == "\u{FEFF}" }
      if line.hasPrefix("export ") { line = line.dropFirst("export ".count).drop(while: \.isWhitespace) }
      guard line.hasPrefix(variable + "=") else { continue }
      let value = line.dropFirst(variable.count + 1).trimmingCharacters(in: .whitespaces)
      guard let quote = value.first, quote == "\"" || quote == "'" else { return value.isEmpty ? nil : value }
      return String(value.dropFirst().prefix { $0 != quote })
    }
    return nil
  }

  /// Files that begin as SQLite's do, here and in the folders where frameworks put them.
  private func databaseFiles() -> [ProposedTarget] {
    ["", "db", "data", "database", "instance", "prisma", "storage"].flatMap { folder -> [ProposedTarget] in
      names(in: folder).sorted().compactMap { name in
        let path = folder.isEmpty ? name : "\(folder)/\(name)"
        guard isSQLite(path) else { return nil }
        return ProposedTarget(of: "sqlite:\(path)", reason: "\(path) is a SQLite database")
      }
    }
  }

  private func isSQLite(_ path: String) -> Bool {
    guard [".db", ".sqlite", ".sqlite3"].contains(where: path.hasSuffix),
      let file = FileHandle(forReadingAtPath: absolute(path))
    else { return false }
    defer { try? file.close() }  // it was only read
    return (try? file.read(upToCount: 16)) == Data("SQLite format 3\0".utf8)
  }

  // MARK: Migrations

  /// The folder of the migrations; nil: none is there.
  func migrations() -> String? {
    let usual = [
      "migrations", "db/migrations", "db/migration", "prisma/migrations", "drizzle", "database/migrations",
      "src/main/resources/db/migration", "sql/migrations", "supabase/migrations",
    ]
    return usual.first { folder in
      let names = names(in: folder)
      return names.contains { $0.hasSuffix(".sql") }
        || names.contains { inner in self.names(in: "\(folder)/\(inner)").contains { $0.hasSuffix(".sql") } }
    }
  }

  // MARK: Files

  private func absolute(_ name: String) -> String { name.isEmpty ? path : "\(path)/\(name)" }

  private func names(in folder: String) -> [String] {
    (try? FileManager.default.contentsOfDirectory(atPath: absolute(folder))) ?? []  // not there, or not ours to read
  }

  private func text(_ name: String) -> String? { try? String(contentsOfFile: absolute(name), encoding: .utf8) }
}

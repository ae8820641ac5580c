import BelayBase
import Foundation
import SystemPackage

/// The plain convention: `*.sql` in order of name, `_down_` files left out unless named.
package struct PlainFolder: MigrationSource {
  let path: FilePath

  package init(path: FilePath) { self.path = path }

  package var description: String { path.string }

  package func files() throws(BelayError) -> [MigrationFile] {
    let names: [String]
    do {
      names = try FileManager.default.contentsOfDirectory(atPath: path.string)
    } catch {
      throw BelayError(
        .notFound, "cannot read the migrations folder \(path)", hint: "set it with --dir or in belay.yaml",
        state: "the database is untouched", causes: [error.localizedDescription])
    }
    let sql = names.filter { $0.hasSuffix(".sql") && !$0.hasPrefix(".") && !isDown($0) }
    guard !sql.isEmpty else {
      throw BelayError(
        .notFound, "there is no *.sql file in the migrations folder \(path)",
        hint: "add one, e.g. 0001_add_users.sql", state: "the database is untouched")
    }
    var files: [MigrationFile] = []
    for name in sql.sorted(by: precedes) { files.append(try MigrationFile(path.appending(name))) }
    return files
  }

  package func files(named names: [String]) throws(BelayError) -> [MigrationFile] {
    var files: [MigrationFile] = []
    for name in names {
      let inside = path.appending(name)
      files.append(try MigrationFile(access(inside.string, F_OK) == 0 ? inside : FilePath(name)))
    }
    return files
  }

  package func precedes(_ a: String, _ b: String) -> Bool { MigrationFile.precedes(a, b) }

  package func isDown(_ name: String) -> Bool { name.contains("_down_") || name.hasSuffix("_down.sql") }
}

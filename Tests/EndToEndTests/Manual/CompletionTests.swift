import Foundation
import Testing

@Suite("What a shell offers when a key is pressed")
struct CompletionTests {
  /// Asks the real bash, as it calls the script: the words are those typed, the last one is completed.
  private func offered(_ lines: [[String]], in shop: Workspace) throws -> [[String]] {
    let calls = lines.map { words in
      "offer " + words.map { "'\($0)'" }.joined(separator: " ")
    }
    try shop.write(
      """
      PATH="${1%/*}:$PATH"
      source <(belay --generate-completion-script bash)
      offer() {
        COMP_WORDS=(belay "$@") COMP_CWORD=$# COMPREPLY=()
        COMP_LINE="${COMP_WORDS[*]}" COMP_POINT=0
        COMP_POINT=${#COMP_LINE}
        _belay belay "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
        (IFS=' '; printf '%s\\n' "${COMPREPLY[*]}")
      }
      \(calls.joined(separator: "\n"))
      """, to: "offer.bash")
    let run = try Program.run("/bin/bash", ["offer.bash", try Program.belay().path], in: shop.folder)
    try #require(run.status == 0 && run.errors.isEmpty, "\(run)")
    let answers = run.output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
    return answers.map { $0.split(separator: " ").map(String.init) }
  }

  @Test("ids, targets, tables, runs and drivers, of the store and the belay.yaml that are typed")
  func things() throws {
    let shop = try Workspace()
    try shop.sqlite("CREATE TABLE \"$(touch pwned)\" (a); CREATE TABLE \"two words\" (a); CREATE TABLE \"`id`\" (a);")
    try shop.write("targets: { shop: sqlite:shop.db, warehouse: sqlite:warehouse.db }\n", to: "belay.yaml")
    try shop.write("targets: { other: sqlite:shop.db }\nstore: elsewhere\n", to: "other.yaml")
    try #require(try shop.belay("backup", "shop").status == 0)
    let id = try shop.latest()
    try #require(try shop.belay("backup", "other", "--config", "other.yaml", "--name", "away").status == 0)
    // A run that waits for `belay recover`.
    try shop.migration("1.sql", "CREATE TABLE tags (name TEXT);")
    let run = try shop.interruptMigration(of: "shop")

    let tables = ["customers", "log", "orders"]
    let cases: [([String], [String])] = [
      (["roll"], ["rollback"]), (["migrate", "--all"], ["--allow-loss"]),
      (["doctor", ""], ["shop", "warehouse"]), (["backup", "ware"], ["warehouse"]),
      (["check", "shop", "w"], ["warehouse"]),
      (["status", "--config", "other.yaml", ""], ["other"]), (["list", "--target", "s"], ["shop"]),
      (["rollback", "lat"], ["latest"]), (["show", String(id.prefix(8))], []),
      (["extract", id, "--table", ""], tables), (["restore", "latest", "--into", "shop", "--table", "o"], ["orders"]),
      (["diff", "latest", "--table", "c"], ["customers"]), (["migrate", "shop", "--allow-loss", "l"], ["log"]),
      (["recover", ""], [run]), (["driver", "which", "sql"], ["sqlite"]), (["driver", "remove", "sql"], ["sqlite"]),
      (["migrate", "migrations/"], ["migrations/1.sql"]), (["prune", "--kind", "before-s"], ["before-swap"]),
    ]
    let answers = try offered(cases.map(\.0), in: shop)
    try #require(answers.count == cases.count, "\(answers)")
    for ((words, expected), answer) in zip(cases, answers) {
      if words[0] == "show" {
        #expect(answer.contains(id) && answer.allSatisfy { $0.hasPrefix("2") }, "\(words): \(answer)")
      } else {
        #expect(answer.sorted() == expected.sorted(), "\(words): \(answer)")
      }
    }
    let away = try offered([["show", "--config", "other.yaml", "2"], ["show", "--store", "nowhere", "2"]], in: shop)
    #expect(away[0].count == 1 && away[0][0].hasSuffix("-away"), "\(away)")
    #expect(away[1].isEmpty, "\(away)")
    // bash expands the words that it is offered: a name that is a command is none of them.
    #expect(!FileManager.default.fileExists(atPath: shop.folder.appending(path: "pwned").path))
    // A belay.yaml that cannot be read offers nothing, and says nothing into the line that is typed.
    try shop.write("colour: red\n", to: "belay.yaml")
    #expect(try offered([["doctor", ""], ["show", ""]], in: shop) == [[], ["latest", "oldest"]])
  }
}

/// Where a semicolon does not end a statement: in parentheses (CREATE RULE … DO (a; b)), and in an SQL function body
/// (BEGIN ATOMIC … END).
struct StatementNesting {
  private var parentheses = 0
  private var blocks = 0
  private var count = 0
  private var previous: SQLWords.Word?
  private var isCopy = false
  private var readsInput = false
  private var isRoutine = false

  var isOutermost: Bool { parentheses <= 0 && blocks == 0 }
  var copiesFromClient: Bool { isCopy && readsInput }

  mutating func enter(_ word: SQLWords.Word) {
    defer {
      previous = word
      count += 1
    }
    if word.isSymbol("(") { parentheses += 1 }
    if word.isSymbol(")") { parentheses -= 1 }
    guard parentheses <= 0, word.kind == .word else { return }
    if count == 0 { isCopy = word.isWord("COPY") }
    if isCopy, word.isWord("STDIN"), previous?.isWord("FROM") == true { readsInput = true }
    // CREATE [OR REPLACE] FUNCTION | PROCEDURE
    if count <= 3, word.isWord("FUNCTION") || word.isWord("PROCEDURE") { isRoutine = true }
    guard isRoutine else { return }
    if word.isWord("ATOMIC"), previous?.isWord("BEGIN") == true {
      blocks += 1
    } else if blocks > 0, word.isWord("CASE") {
      blocks += 1
    } else if blocks > 0, word.isWord("END") {
      blocks -= 1
    }
  }
}

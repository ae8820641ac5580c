import BelayBase
import Foundation

extension DrizzleJournal {
  /// Also out of a text that is no JSON any more, such as one with the marks of a merge: the entries tell by themselves.
  static func salvaged(_ folder: ToolFolder) throws(BelayError) -> (journal: DrizzleJournal, isWhole: Bool)? {
    let text = try folder.file(path).sql
    if let whole = try? JSONDecoder().decode(Self.self, from: Data(text.utf8)) { return (whole, true) }
    var entries: [Entry] = []
    for match in text.matches(of: /\{[^{}]*\}/) {
      guard let entry = try? JSONDecoder().decode(Entry.self, from: Data(match.0.utf8)),
        !entries.contains(where: { $0.tag == entry.tag })
      else { continue }
      entries.append(entry)
    }
    guard let dialect = text.firstMatch(of: /"dialect"\s*:\s*"([a-z]+)"/).map({ String($0.1) }) else { return nil }
    return (DrizzleJournal(version: "7", dialect: dialect, entries: entries), false)
  }
}

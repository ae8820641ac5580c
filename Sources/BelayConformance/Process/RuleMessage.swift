/// A message of a rule's process: one line of JSON.
enum RuleMessage: Codable {
  /// A database of this name is about to be created.
  case makes(String)
  /// A call began or ended.
  case call(String)
  case verdict(Verdict, reason: String?)
}

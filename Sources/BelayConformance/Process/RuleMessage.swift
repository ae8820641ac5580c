/// What a process says about its rule: one line of JSON each.
enum RuleMessage: Codable {
  /// A database of this name is about to be made.
  case makes(String)
  case verdict(Verdict, reason: String?)
}

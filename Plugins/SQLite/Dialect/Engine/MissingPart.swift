import BelayDriverKit

/// What a schema needs and this library does not have: it is the application's own, of an extension, or of a newer SQLite.
package struct MissingPart: Hashable {
  package enum Kind: String { case collation, function, module, tokenizer }
  package let kind: Kind
  package let name: String

  package init(_ kind: Kind, _ name: String) {
    self.kind = kind
    self.name = name
  }

  /// nil: the failure is about something else.
  package init?(_ failure: DriverFailure) {
    guard failure.code == .sql || failure.code == .internal else { return nil }
    let beginnings: [(Kind, String)] = [
      (.collation, "no such collation sequence: "), (.function, "no such function: "),
      (.function, "unknown function: "),
      (.function, "wrong number of arguments to function "), (.module, "no such module: "),
      (.tokenizer, "no such tokenizer: "), (.tokenizer, "unknown tokenizer: "),
    ]
    for (kind, beginning) in beginnings {
      guard let range = failure.message.firstRange(of: beginning) else { continue }
      let name = failure.message[range.upperBound...].prefix { $0 != "(" && $0 != "\n" }
      self.init(kind, String(name))
      return
    }
    return nil
  }

  /// "the collation unicase"
  package var words: String { "the \(kind.rawValue) \(name)" }
}

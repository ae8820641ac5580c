import Testing

@testable import BelayDrivers

@Suite("A URL for the log")
struct RedactionTests {
  @Test(
    "secrets are hidden, the rest stays",
    arguments: [
      ("acme:app.db", "acme:app.db"),
      ("acme://host:5432/db", "acme://host:5432/db"),
      ("acme://user@host/db", "acme://user@host/db"),
      ("acme://user:secret@host:5432/db", "acme://user:***@host:5432/db"),
      ("acme://:secret@host/db", "acme://:***@host/db"),
      ("acme://user:se@cr/et:x@host/db", "acme://user:***@host/db"),
      ("acme://user:se?cr#et@host/db", "acme://user:***@host/db"),
      ("acme://host:5432/db?user=a@b", "acme://host:5432/db?user=a@b"),
      ("acme://h/db?password=x&sslmode=require", "acme://h/db?password=***&sslmode=require"),
      ("acme://h/db?a=1&API_TOKEN=x&b=2", "acme://h/db?a=1&API_TOKEN=***&b=2"),
      ("acme://h/db?key=x#frag", "acme://h/db?key=***#frag"),
      ("acme://h/db?key", "acme://h/db?key"),
      ("acme://h/db?monkeys=3&token=", "acme://h/db?monkeys=***&token=***"),
      ("acme:host=h password='a b' user=u", "acme:host=h password=*** user=u"),
      ("", ""),
    ])
  func redacted(url: String, shown: String) {
    #expect(redact(url: url) == shown)
  }
}

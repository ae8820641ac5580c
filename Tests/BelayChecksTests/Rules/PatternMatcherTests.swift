import BelayBase
import BelayDrivers
import Testing

@testable import BelayChecks

@Suite("Patterns that values must match")
struct PatternMatcherTests {
  private func matcher(_ pattern: String) throws -> PatternMatcher {
    try PatternMatcher(pattern, deadline: nil, cancellation: Cancellation())
  }

  @Test("long texts are answered, whether they match or not")
  func long() throws {
    let text = String(repeating: "xy", count: 50_000)
    #expect(try matcher("(x|y)z$").matches(text + "xz"))
    #expect(try !matcher("(x|y)z$").matches(text))
    #expect(try !matcher("^[a-z]+$").matches(text + "!"))
  }

  @Test("where the engine has no room to find out, that is no answer: this text does match")
  func tooMuch() throws {
    let text = String(repeating: "ab", count: 200_000) + "c"
    #expect(throws: BelayError.self) { try matcher("^(a|b|ab)*c$").matches(text) }
  }
}

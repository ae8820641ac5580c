import BelayDrivers
import Testing

@testable import BelayChange

@Suite("What a database shares with others, before and after")
struct SurroundingsTests {
  private func role(_ name: String, _ definition: String = "", written: Bool = true) -> SharedObject {
    SharedObject(kind: "role", name: name, definition: definition, isWritten: written)
  }

  private func changes(_ before: [SharedObject], _ after: [SharedObject]) -> [String] {
    Surroundings(objects: after).changes(since: Surroundings(objects: before))
      .map { $0.description + ($0.isOwn ? "" : " by others") }
  }

  @Test func `what was made, removed and changed is told`() {
    #expect(
      changes([role("a"), role("b"), role("c", "x")], [role("a"), role("c", "y"), role("d")]) == [
        "role b was removed", "role c was changed", "role d was made",
      ])
    #expect(changes([role("a")], [role("a")]) == [])
  }

  @Test func `of several under one name, in any order, one more is a change`() {
    let (one, two) = (role("a", "1"), role("a", "2"))
    #expect(changes([one, two], [two, one]) == [])
    #expect(changes([one], [one, two]) == ["role a was changed"])
  }

  @Test func `a kind that the transaction has not written was changed by others`() {
    #expect(changes([], [role("a", written: false)]) == ["role a was made by others"])
    // A row without a name tells only what was written, also where nothing is left.
    #expect(changes([role("a", written: false)], [role("", written: true)]) == ["role a was removed"])
    #expect(changes([role("a", written: false)], [role("", written: false)]) == ["role a was removed by others"])
  }
}

import BelayChange
import BelayStore
import Testing

@Suite("What a run that was cut off has done, by its journal")
struct JournaledEffectTests {
  private static func applying(_ step: Int, transactional: Bool = false) -> Step {
    .applying(step: step, of: 2, parts: ["\(step).sql"], transactional: transactional, receipts: nil)
  }
  private static let statement = Step.statement(step: 0, part: "0.sql", index: 0)

  @Test(
    "where a bookmark comes before the first statement, nothing has run before it",
    arguments: [
      ([], true, Effect.nothing),
      ([.locking, applying(0)], true, .nothing),
      ([.locking, applying(0)], false, .partial(.init(committedSteps: 0))),
      ([applying(0), .marked(bookmark: "m")], true, .partial(.init(committedSteps: 0))),
      // The engine refused a bookmark.
      ([applying(0), statement], true, .partial(.init(committedSteps: 0))),
      ([applying(0, transactional: true)], true, .undone),
      ([applying(0), .committed(step: 0), applying(1)], true, .partial(.init(committedSteps: 1))),
      ([applying(1)], true, .partial(.init(committedSteps: 1))),
    ] as [([Step], Bool, Effect)])
  func bookmark(steps: [Step], marksFirst: Bool, expected: Effect) throws {
    #expect(try Effect(journal: steps, marksFirst: marksFirst, tookEffect: nil) == expected)
  }
}

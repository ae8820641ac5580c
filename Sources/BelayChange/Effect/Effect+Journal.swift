import BelayBase
import BelayStore

extension Effect {
  /// What the change of a run that was cut off has done to the target, by the run's journal.
  /// - Parameters:
  ///   - steps: the journal's.
  ///   - marksFirst: whatever of the first step takes effect is journaled before it: the engine can rewind, so that a
  ///     bookmark is, or the step is a command.
  ///   - tookEffect: asked where a COMMIT was about to be sent, of the parts that it would have committed; nil: the change
  ///     leaves no receipts, and the answer is not known.
  package init(
    journal steps: [Step], marksFirst: Bool = false, tookEffect: (([String]) throws(BelayError) -> Bool)?
  ) throws(BelayError) {
    guard let last = steps.lastApplying else {
      self = .nothing
      return
    }
    if steps.contains(.checked) {
      self = .committed
      return
    }
    guard last.transactional else {
      // Cut off while it read what is there. To restore the backup now would only take others' rows away.
      if marksFirst, last.index == 0, !steps.contains(where: \.showsThatSomethingMayHaveRun) {
        self = .nothing
        return
      }
      self = .partial(Partial(committedSteps: last.index))
      return
    }
    var isCommitted = steps.contains(.committed(step: last.index))
    if !isCommitted, steps.contains(.committing(step: last.index)) {
      guard let tookEffect else {
        self = .partial(Partial(committedSteps: last.index))
        return
      }
      isCommitted = try tookEffect(last.parts)
    }
    if isCommitted {
      self = last.index == last.count - 1 ? .committed : .partial(Partial(committedSteps: last.index + 1))
    } else {
      self = last.index == 0 ? .undone : .partial(Partial(committedSteps: last.index))
    }
  }
}

extension Step {
  fileprivate var showsThatSomethingMayHaveRun: Bool {
    switch self {
    case .marked, .statement, .committing, .committed: true
    default: false
    }
  }
}

extension [Step] {
  fileprivate var lastApplying: (index: Int, count: Int, parts: [String], transactional: Bool)? {
    for step in reversed() {
      if case .applying(let index, let count, let parts, let transactional, _) = step {
        return (index, count, parts, transactional)
      }
    }
    return nil
  }
}

extension Receipts {
  /// Those that the change of a run leaves, by the run's journal; nil: it leaves none, or has not begun.
  package init?(journal steps: [Step]) {
    for step in steps.reversed() {
      guard case .applying(_, _, _, _, let table) = step else { continue }
      guard let table else { return nil }
      self.init(table: table)
      return
    }
    return nil
  }
}

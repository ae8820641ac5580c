import Foundation

/// Kills processes at a chosen step of the journal: how the tests prove that a run can be killed anywhere. Built only
/// into debug builds; a release build has none.
///
/// `BELAY_FAULT=kill-worker:12:after`: SIGKILL when the journal's line 12 (from 0) has been written; `before`: instead
/// of writing it. `kill-front` ends the parent, `kill-both` the parent and then this process.
package struct Fault {
  package enum Side: String { case before, after }
  enum Victim: String {
    case worker = "kill-worker"
    case front = "kill-front"
    case both = "kill-both"
  }

  let victim: Victim
  package let step: Int
  let side: Side

  static func fromEnvironment() -> Fault? {
    #if DEBUG
      guard let text = ProcessInfo.processInfo.environment["BELAY_FAULT"] else { return nil }
      let parts = text.split(separator: ":").map(String.init)
      guard parts.count == 3, let victim = Victim(rawValue: parts[0]), let step = Int(parts[1]),
        let side = Side(rawValue: parts[2])
      else { return nil }
      return Fault(victim: victim, step: step, side: side)
    #else
      return nil
    #endif
  }

  package func strike(at step: Int, _ side: Side) {
    #if DEBUG
      guard step == self.step, side == self.side else { return }
      if victim != .worker { kill(getppid(), SIGKILL) }
      if victim != .front { kill(getpid(), SIGKILL) }
    #endif
  }
}

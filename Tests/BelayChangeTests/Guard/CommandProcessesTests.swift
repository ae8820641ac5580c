import BelayBase
import BelayDatabase
import BelayDrivers
import BelayProcess
import Testing

@testable import BelayChange

@Suite("The mark of a command's processes")
struct CommandProcessesTests {
  private struct Silent: Narrator {
    func tell(_ event: Event) {}
    func ask(_ kind: Question.Kind, _ text: String) -> String? { nil }
  }

  private func mark(store: String) -> [String: String] {
    let context = RunContext(
      settings: Settings(store: store, executable: ""), narrator: Silent(), cancellation: Cancellation(),
      interactive: false)
    return CommandProcesses(run: "20261129T120037Z-guard", context).marked.environment
  }

  @Test("two stores may have runs of one id at the same time, and neither ends the other's command")
  func stores() {
    #expect(mark(store: "/srv/one/backups") == mark(store: "/srv/one/backups"))
    #expect(mark(store: "/srv/one/backups") != mark(store: "/srv/two/backups"))
  }
}

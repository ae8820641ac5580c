import BelayBase
import Synchronization
import Testing

@testable import BelayDatabase

@Suite("What a driver tells of its progress")
struct OperationProgressTests {
  private final class Recorder: Narrator {
    private let heard = Mutex<[ProgressUpdate]>([])
    var updates: [ProgressUpdate] { heard.withLock { $0 } }

    func tell(_ event: Event) {
      if case .progress(let update) = event { heard.withLock { $0.append(update) } }
    }
    func ask(_ kind: Question.Kind, _ text: String) -> String? { nil }
  }

  @Test("ends with the operation, whether the driver has told the last bit or not")
  func ended() {
    let recorder = Recorder()
    var progress: OperationProgress? = OperationProgress(narrator: recorder, what: "")
    progress?.take(97, of: 100, "copying")
    progress?.take(5, of: 0, "dumping")
    progress?.take(3, of: 3, "checking")
    // A driver counts in any unit: only the share is known, or bytes.
    #expect(recorder.updates.allSatisfy { $0.unit == .driver })
    #expect(recorder.updates.map(\.isOver) == [false, false, true])
    progress = nil
    #expect(recorder.updates.dropFirst(3).map(\.what) == ["copying", "dumping"])
    #expect(recorder.updates.dropFirst(3).allSatisfy { $0.isOver && $0.ended == true })
    #expect(recorder.updates[3].done == 97 && recorder.updates[3].total == 100)
  }
}

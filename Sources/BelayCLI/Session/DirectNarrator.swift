import BelayBase
import BelayCore
import Synchronization

/// Hands events to the renderer without a pipe between, from whichever thread they come.
final class DirectNarrator: Narrator, @unchecked Sendable {
  // Unchecked: the renderer belongs to one thread at a time, and the lock sees to that.
  private let renderer: any Renderer
  private let lock = Mutex(())

  init(_ renderer: any Renderer) { self.renderer = renderer }

  func tell(_ event: Event) { lock.withLock { _ in renderer.show(event) } }

  func ask(_ kind: Question.Kind, _ text: String) -> String? { nil }
}

import BelayBase

/// Keeps what checks came to, and hands everything on to whoever shows it.
final class CheckCollector: Renderer {
  private let shown: any Renderer
  private var checks: [CheckResult] = []

  init(showing shown: any Renderer) { self.shown = shown }

  func show(_ event: Event) {
    if case .check(let result) = event { checks.append(result) }
    shown.show(event)
  }

  func show(_ record: some Encodable, as lines: [String]) { shown.show(record, as: lines) }

  /// Those since the last call.
  func taken() -> [CheckResult] {
    defer { checks = [] }
    return checks
  }
}

/// Shows nothing: where another program reads what is printed.
final class SilentRenderer: Renderer {
  func show(_ event: Event) {}
  func show(_ record: some Encodable, as lines: [String]) {}
}

import DriverTesting
import Foundation

/// A run that is held at a station until the test has done what it does meanwhile, however long that takes.
extension BelayFolder {
  /// Writes a belay.yaml with a hook that waits.
  /// - Parameter station: e.g. `before apply`.
  func holding(_ station: String) throws {
    try write(
      "hooks:\n  - { when: \(station), command: 'echo >held; until [ -e go ]; do sleep 0.05; done', timeout: 10m }\n",
      to: "belay.yaml")
  }

  func waitUntilItHolds() throws { try eventually(thereIs: folder.appending(path: "held")) }

  func letGo() throws { try write("", to: "go") }
}

import BelayBase
import BelayDatabase
import BelayProcess

/// Whether the commands of hooks are there, before a run relies on them: a slip in a name must not put a database back.
package struct HookSearch {
  private let context: RunContext

  package init(context: RunContext) { self.context = context }

  package func findings() -> [Finding] {
    context.settings.hooks.compactMap { hook in
      guard let name = Self.program(of: hook.command), !isThere(name) else { return nil }
      return Finding(
        hook.onFailure == .stop ? .error : .warning, source: "preflight", rule: "missing-hook",
        subject: "hook \(hook.moment)", message: "there is no command \(name)",
        hint: "correct `command` in belay.yaml; relative paths start at its folder")
    }
  }

  /// The word that a simple command begins with; nil: it is more than that, and the shell alone knows.
  static func program(of command: String) -> String? {
    let words = command.split(whereSeparator: \.isWhitespace)
    guard let first = words.first else { return nil }
    let isPlain = first.unicodeScalars.allSatisfy { scalar in
      scalar.properties.isAlphabetic || scalar.properties.numericType != nil || "._-/+@".unicodeScalars.contains(scalar)
    }
    return isPlain ? String(first) : nil
  }

  /// Also the shell's own words.
  private func isThere(_ name: String) -> Bool {
    let process = HookProcess(
      executable: "/bin/sh",
      arguments: ["sh", "-c", "cd \"$1\" && command -v \"$2\"", "sh", context.settings.hooksFolder, name], input: [])
    do {
      return try process.run(limit: .seconds(5)).ending == .exited(0)
    } catch {
      // If no process can be started, the run says so where it needs one.
      return true
    }
  }
}

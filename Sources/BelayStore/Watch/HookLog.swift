import BelayBase
import Foundation
import SystemPackage

/// `STORE/watch/hooks.ndjson`: who was notified of which change, and whether it worked. When it has grown too large, it
/// becomes `hooks.1.ndjson`, and a new one is begun.
package struct HookLog: Sendable {
  package struct Entry: Codable, Sendable {
    package var at: String
    package var hook: String
    package var target: String
    package var check: String
    package var status: CheckResult.Status
    package var attempts: Int
    /// nil: it was told.
    package var failure: String?

    package init(_ change: CheckChange, hook: String, attempts: Int, failure: String?, now: Date) {
      at = Moment.iso(now)
      self.hook = hook
      target = change.target
      check = change.check
      status = change.status
      self.attempts = attempts
      self.failure = failure
    }
  }

  private let folder: FilePath
  private static let mostBytes = 1 << 20

  package init(runs: RunState) { folder = runs.root.appending("watch") }

  package func append(_ entry: Entry) throws(BelayError) {
    let path = folder.appending("hooks.ndjson")
    do {
      var file = try RegularFile.open(path, .readWrite, options: [.create, .append], trust: .ownFile)
      if try file.seek(offset: 0, from: .end) > Self.mostBytes {
        try file.close()
        guard rename(path.string, folder.appending("hooks.1.ndjson").string) == 0 else {
          throw Errno(rawValue: errno)
        }
        file = try RegularFile.open(path, .readWrite, options: [.create, .append], trust: .ownFile)
      }
      defer { try? file.close() }  // the line is on the disk
      try Durable.append(JSONLine.encode(entry), to: file)
    } catch {
      throw BelayError(.failed, "cannot write \(path)", hint: Durable.hint(for: error), causes: ["\(error)"])
    }
  }
}

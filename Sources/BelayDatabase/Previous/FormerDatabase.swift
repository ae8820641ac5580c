import BelayArchive
import BelayBase
import BelayDrivers
import BelayStore
import Foundation
import SystemPackage

/// What was in a target before a restored copy was swapped in: it lies under the scratch's URL, with the rows that others
/// wrote in the last moment, until its time is over. Or a copy that a run could not drop before it ended.
package struct FormerDatabase: Sendable, Equatable {
  /// The run that swapped.
  package let run: RunRecord
  /// The scratch's name, by which the driver finds it.
  package let name: String
  /// Where it lies, without secrets.
  package let url: String
  /// ISO 8601; it is not dropped before. Empty for a copy.
  package let until: String
  /// Nothing but a copy: to be dropped as soon as possible.
  package var isCopy = false

  /// A moment that cannot be read is not over.
  package func isOver(at now: Date) -> Bool {
    if isCopy { return true }
    guard let end = Moment.parse(until) else { return false }
    return end <= now
  }

  /// "postgres://…/name, until 2026-11-21T14:30:22Z"
  package var line: String { isCopy ? url : "\(url), until \(until)" }
  /// "former database"
  package var kind: String { isCopy ? "temporary copy" : "former database" }
}

extension FormerDatabase {
  /// What the journal says around a swap.
  package struct Promise {
    package let name: String
    package let url: String
    package let until: String

    package init(name: String, url: String, until: String) {
      self.name = name
      self.url = url
      self.until = until
    }

    /// nil: the driver does not swap, or nothing is to be kept.
    package init?(ofScratch name: String, url: String, traits: Traits, settings: RetentionSettings) {
      guard traits.swaps, settings.formerDatabasesSeconds > 0 else { return nil }
      self.name = name
      self.url = redact(url: url)
      until = Moment.iso(Date() + Double(settings.formerDatabasesSeconds))
    }

    package var keeping: Step { .keepingFormer(name: name, url: url, until: until) }
    package func kept(swapped: Bool) -> Step { .keptFormer(name: name, url: url, until: until, swapped: swapped) }
  }

  /// What lies under a scratch's URL after a swap that may or may not have taken effect.
  package enum Finding { case copy, former, nothing, unknown }

  /// Nobody writes to a scratch: while it equals the archive that it was restored from, it is still the copy - or a
  /// former database that held nothing else, so that nothing is lost with it.
  package static func find(
    _ url: String, archive: ArchiveReader, access: TargetAccess, folder: FilePath, context: RunContext
  ) -> Finding {
    do {
      let connection = try access.connect(url, scratch: folder, operation: context.unstoppable("opening"))
      defer { connection.close() }
      let state = try StateReader(context: context, what: "looking what was swapped", stoppable: false).read(connection)
      return state.differences(from: try DatabaseState.recorded(in: archive)).isEmpty ? .copy : .former
    } catch let error as DriverError where error.code == .notFound {
      return .nothing
    } catch {
      context.log(.warning, "\(redact(url: url)) cannot be read, and is kept: \(error)")
      return .unknown
    }
  }
}

extension Store {
  /// All that are kept, oldest first. What a damaged journal tells before the damage counts too.
  package func formers() -> [FormerDatabase] {
    runNames().flatMap { FormerDatabase.kept(in: Journal.readable(runFolder($0).appending(Journal.fileName))) }
  }
}

extension FormerDatabase {
  /// What one run's journal says is kept, or may be: a scratch that was about to be swapped in, or that was left behind at
  /// the run's end, and was not dropped.
  package static func kept(in steps: [Step]) -> [FormerDatabase] {
    guard case .began(let record)? = steps.first else { return [] }
    var kept: [FormerDatabase] = []
    for step in steps {
      switch step {
      case .keepingFormer(let name, let url, let until), .keptFormer(let name, let url, let until, _):
        kept.removeAll { $0.name == name }
        kept.append(FormerDatabase(run: record, name: name, url: url, until: until))
      case .creatingScratch(let name, let url):
        kept.removeAll { $0.name == name }
        kept.append(FormerDatabase(run: record, name: name, url: url, until: "", isCopy: true))
      case .droppedScratch(let name): kept.removeAll { $0.name == name }
      default: break
      }
    }
    // Those of a run that is open are its own to drop, or its recovery's.
    return steps.contains(where: \.isEnd) ? kept : kept.filter { !$0.isCopy }
  }
}

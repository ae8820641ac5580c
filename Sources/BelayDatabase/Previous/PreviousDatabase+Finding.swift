import BelayArchive
import BelayBase
import BelayDrivers
import BelayStore
import BelayText
import Foundation
import SystemPackage

extension PreviousDatabase {
  /// What the journal says around a swap.
  package struct Record {
    package let name: String
    package let url: String
    package let until: String

    package init(name: String, url: String, until: String) {
      self.name = name
      self.url = url
      self.until = until
    }

    /// nil: the driver does not swap.
    /// - Parameter folder: the run's own. What is in it goes with the run, and so is not kept for longer.
    package init?(
      ofScratch name: String, url: String, traits: Traits, settings: RetentionSettings, folder: FilePath
    ) {
      guard traits.swaps else { return nil }
      self.name = name
      self.url = redact(url: url)
      let seconds = url.contains(folder.string) ? 0 : settings.previousDatabasesSeconds
      until = seconds.map { Moment.iso(Date() + Double($0)) } ?? PreviousDatabase.forever
    }

    package var keeping: Step { .keepingPrevious(name: name, url: url, until: until) }
    package func kept(swapped: Bool) -> Step { .keptPrevious(name: name, url: url, until: until, swapped: swapped) }
  }

  /// What is at a scratch URL after a swap that may or may not have taken effect.
  package enum Finding { case copy, previous, nothing, unknown }

  /// Nobody writes to a scratch: while it equals the archive that it was restored from, it is still the copy - or a
  /// previous database that held nothing else, so that nothing is lost with it.
  package static func find(
    _ url: String, archive: ArchiveReader, access: TargetAccess, folder: FilePath, context: RunContext
  ) -> Finding {
    do {
      let connection = try access.connect(url, scratch: folder, operation: context.unstoppable("opening"))
      defer { connection.close() }
      let state = try StateReader(context: context, what: "checking the swapped database", stoppable: false).read(
        connection)
      return state.differences(from: try DatabaseState.recorded(in: archive)).isEmpty ? .copy : .previous
    } catch let error as DriverError where error.code == .notFound {
      return .nothing
    } catch {
      context.log(.warning, "\(redact(url: url)) cannot be read, and is kept: \(error)")
      return .unknown
    }
  }
}

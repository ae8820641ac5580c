import BelayArchive
import BelayBase
import BelayDatabase
import BelayDrivers
import BelayStore
import Foundation

/// Whether the other repositories can be reached to which the backup of a migration goes. Stores nothing there, so that a
/// right to write is not looked at.
struct RepositoryExamination {
  let context: RunContext
  /// The target's name in belay.yaml; nil: it has none.
  let target: String?

  func entries() -> [DoctorList.Entry] {
    context.settings.repositories
      .filter { $0.takes(target: target, kind: ArchiveKind.beforeMigration.name) }
      .map(entry)
  }

  private func entry(_ repository: RepositoryDefinition) -> DoctorList.Entry {
    let words = "\(repository.name), \(repository.place.text)"
    do throws(BelayError) {
      return .init(.repository, .ok, "\(words): \(Counted.text(try archives(repository), "archive"))")
    } catch {
      let cause = error.causes.first.map { ": \($0)" } ?? ""
      guard repository.isRequired else {
        return .init(.repository, .warning, "\(words): \(error.message)\(cause)", hint: error.hint)
      }
      return .init(.repository, refusal: error)
    }
  }

  private func archives(_ repository: RepositoryDefinition) throws(BelayError) -> Int {
    if case .folder(let path) = repository.place, !FileManager.default.fileExists(atPath: path) {
      throw BelayError(.failed, "there is no folder \(path)", hint: "mount its disk, or make the folder")
    }
    let cancellation = context.cancellation
    return try repository.repository(isStopped: { cancellation.isCancelled }).archives().count
  }
}

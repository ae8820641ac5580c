import BelayArchive
import BelayBase
import Foundation
import SystemPackage

/// The folder that a person names with `--store`: archives, and what runs need while they live and after a crash.
///
///     STORE/20261120T143022Z-shop.tar      archives
///     STORE/runs/ID/                       journal.ndjson, reports, scratch/, staging/
///     STORE/index/                         which runs are open, which have left databases behind
///     STORE/locks/                         one per target
///     STORE/signatures/                    of the archives that it has made, by the key STORE/signing-key
///     STORE/proofs/                        how each proof of an archive ended
///     STORE/pins/                          archives that are kept whatever the retention says
///     STORE/copies/ID/                     in which other repositories an archive was stored
///     STORE/elsewhere/PLACE/proofs/        of the archives there
///     STORE/troubles/                      targets whose last backup or verification has failed
///     STORE/watch/                         what `belay watch` has seen, and whom it told
///     STORE/audit.ndjson
///     STORE/order                          only where the clock was set back
package struct Store: Sendable {
  package let root: FilePath
  package let runs: RunState
  /// Where archives are made.
  package let archives: any Repository
  /// Where archives are looked for: the store itself, or another repository that a person has named.
  package let shelf: any Repository
  /// That other one; nil: none.
  package let elsewhere: RepositoryDefinition?
  /// Whether a person vouches for archives that this store has not made.
  let trustsAll: Bool

  /// - Parameters:
  ///   - elsewhere: where archives are looked for instead.
  ///   - trustsAll: a person vouches for archives that this store has not made: retention counts them.
  ///   - isStopped: asked while another machine is waited for: true ends that.
  package init(
    _ root: FilePath, elsewhere: RepositoryDefinition? = nil, trustsAll: Bool = false,
    isStopped: @escaping @Sendable () -> Bool = { false }
  ) {
    let archives = LocalRepository(root)
    self.root = root
    self.archives = archives
    self.elsewhere = elsewhere
    self.trustsAll = trustsAll
    shelf = elsewhere?.repository(isStopped: isStopped) ?? archives
    runs = RunState(root, elsewhere: elsewhere, recordOfArchive: { Self.record(ofRun: $0, by: archives) })
  }

  /// A name that neither an archive nor a run has yet. Its run's folder is made here: runs on two targets that begin in
  /// the same second must not both find the name free, and write one journal and one archive.
  package func newID(now: Date, label: String) throws(BelayError) -> String {
    let base = RunID(now: now, label: label).description
    var id = base
    var count = 1
    while true {
      if try archives.entry(id) == nil, try runs.claim(id) {
        try keepOrder(of: id)
        return id
      }
      count += 1
      id = "\(base)-\(count)"
    }
  }

  /// `latest` must not be an older one because the clock was set back.
  private func keepOrder(of id: String) throws(BelayError) {
    do throws(BelayError) {
      try order.note(id, after: try archives.names())
    } catch {
      runs.giveBack(id)
      throw error
    }
  }

  /// Every whole archive in the order in which they were made, oldest first.
  package func archivesByAge() throws(BelayError) -> [ArchiveEntry] { order.sorted(try shelf.archives()) }

  private var order: ArchiveOrder { ArchiveOrder(root.appending("order")) }

  /// What the archive of a run tells of it. Without one nothing was done to any database by a run that makes one: the
  /// archive comes first.
  private static func record(ofRun id: String, by archives: any Repository) -> RunRecord? {
    guard let target = try? archives.entry(id)?.open().manifest.target else { return nil }  // none, most likely
    return RunRecord(
      id: id, kind: .migrate, target: target.name, url: target.url, folder: target.folder ?? "/",
      identity: target.identity, driver: target.driver, processID: 0)
  }
}

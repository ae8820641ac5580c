import BelayBase
import SystemPackage

extension RepositoryDefinition {
  /// - Parameter isStopped: asked again and again while another machine is waited for: true ends that.
  package func repository(isStopped: @escaping @Sendable () -> Bool = { false }) -> any Repository {
    switch place {
    case .folder(let path): LocalRepository(FilePath(path))
    case .rclone(let remote, let path):
      RcloneRepository(remote: remote, path: path, ifNoneMatch: ifNoneMatch, isStopped: isStopped)
    }
  }
}

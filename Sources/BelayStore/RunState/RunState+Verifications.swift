import BelayBase
import Foundation
import SystemPackage

/// Archives that have failed a verification: their files keep their names, and nobody takes them for a good backup.
extension RunState {
  /// Records how a verification ended.
  /// - Parameter failure: what was wrong; nil: the archive is good, whatever was recorded before.
  package func note(verificationOf archive: String, failure: String?) throws(BelayError) {
    try checkOwnership()
    let path = verificationsFolder.appending(archive)
    do throws(Errno) {
      if let failure {
        try Durable.makeFolder(verificationsFolder)
        try Durable.write(Data("\(failure)\n".utf8), to: path)
      } else if unlink(path.string) == 0 {
        try Durable.syncFolder(verificationsFolder)
      }
    } catch {
      throw BelayError(.failed, "cannot record the verification of \(archive) in \(path)", causes: [error.description])
    }
  }

  /// What was wrong with an archive when it was last verified; nil: nothing, or it was not verified since it was made.
  package func failedVerification(of archive: String) -> String? {
    // Not there, most likely.
    (try? RegularFile.read(verificationsFolder.appending(archive), most: 1 << 20))
      .map { String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines) }
  }
}

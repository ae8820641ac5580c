import BelayBase
import Foundation
import SystemPackage

/// That an archive is kept whatever the retention says, and who wanted it.
package struct Pin: Codable, Sendable, Equatable {
  /// ISO 8601, UTC.
  package var at: String
  package var user: String
  package var reason: String?

  package init(at: String, user: String, reason: String?) {
    self.at = at
    self.user = user
    self.reason = reason
  }

  /// "pinned by anna: for the audit"
  package var text: String { "pinned by \(user)" + (reason.map { ": \($0)" } ?? "") }
}

/// `STORE/pins/ID`: that the file is there is the pin; what is in it is for people.
extension RunState {
  var pinsFolder: FilePath { root.appending("pins") }

  /// It is on the disk when this returns. An earlier pin is replaced.
  package func pin(_ archive: String, _ pin: Pin) throws(BelayError) {
    try checkOwnership()
    let path = pinsFolder.appending(archive)
    do {
      try Durable.makeFolder(pinsFolder)
      try Durable.write(try JSONEncoder().encode(pin), to: path, isShared: true)
    } catch {
      throw BelayError(.failed, "cannot write the pin \(path)", hint: Durable.hint(for: error), causes: ["\(error)"])
    }
  }

  /// - Returns: whether there was one.
  @discardableResult
  package func unpin(_ archive: String) throws(BelayError) -> Bool {
    try checkOwnership()
    let path = pinsFolder.appending(archive)
    do throws(Errno) {
      guard unlink(path.string) == 0 else {
        if errno == ENOENT { return false }
        throw Errno(rawValue: errno)
      }
      try Durable.syncFolder(pinsFolder)
      return true
    } catch {
      throw BelayError(.failed, "cannot remove the pin \(path)", causes: [error.description])
    }
  }

  /// nil: there is none. One that cannot be read counts.
  package func pin(of archive: String) -> Pin? {
    do {
      return try JSONDecoder().decode(Pin.self, from: RegularFile.read(pinsFolder.appending(archive), most: 1 << 20))
    } catch let flaw as FileFlaw where flaw.isMissing {
      return nil
    } catch {
      return Pin(at: "", user: "somebody", reason: nil)
    }
  }
}

import BelayDriverKit
import Glibc
import SQLiteDialect

extension D1Connection: TokenSharing {
  func acquireToken(operation: Operation) throws(DriverFailure) -> String {
    try during(operation) { () throws(DriverFailure) in
      guard view == nil else { throw DriverFailure(.invalid, "this connection already has a token") }
      let path = try Copying(connection: self).make().keep()
      do throws(DriverFailure) {
        let copy = try LocalCopy(path, ownsFile: true, watch: watch)
        view = copy
        watch.log(.info, "\(name) is read at the bookmark \(copy.bookmark)")
      } catch {
        TemporaryFile.remove(path)
        throw error
      }
      return path
    }
  }

  func adoptToken(_ token: String, operation: Operation) throws(DriverFailure) {
    try during(operation) { () throws(DriverFailure) in
      guard view == nil else { throw DriverFailure(.invalid, "this connection already has a token") }
      guard token.hasPrefix("/"), SystemFile.size(of: token) != nil else {
        throw DriverFailure(.notFound, "there is no such token: \(token)")
      }
      view = try LocalCopy(token, ownsFile: false, watch: watch)
    }
  }

  func releaseToken(operation: Operation) throws(DriverFailure) {
    view?.close()
    view = nil
  }

  /// The folder for private copies.
  var copyFolder: String {
    if let folder = settings.scratchDirectory { return folder }
    guard let folder = getenv("TMPDIR").map({ String(cString: $0) }), folder.hasPrefix("/") else { return "/tmp" }
    return folder
  }
}

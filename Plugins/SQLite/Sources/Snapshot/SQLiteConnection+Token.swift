import BelayDriverKit
import CSQLite
import Glibc
import SQLiteDialect

extension SQLiteConnection: TokenSharing {
  func acquireToken(operation: Operation) throws(DriverFailure) -> String {
    try during(operation) { () throws(DriverFailure) in
      try refuseTransaction("acquiring a token")
      guard view == nil else { throw DriverFailure(.invalid, "this connection already has a token") }
      let path = try snapshot().keep()
      do throws(DriverFailure) {
        view = try View(path, ownsCopy: true, watch: watch)
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
      view = try View(token, ownsCopy: false, watch: watch)
    }
  }

  func releaseToken(operation: Operation) throws(DriverFailure) {
    view?.close()
    view = nil
  }

  /// A private copy of the database in its current state.
  func snapshot() throws(DriverFailure) -> TemporaryFile {
    let file = try TemporaryFile(in: copyFolder, prefix: ".\(file.name).belay-copy")
    try PageCopy.snapshot(of: live, into: file.path, "copying \(self.file.name)")
    return file
  }

  /// The folder for private copies.
  var copyFolder: String {
    if let folder = settings.scratchDirectory { return folder }
    guard let folder = getenv("TMPDIR").map({ String(cString: $0) }), folder.hasPrefix("/") else { return "/tmp" }
    return folder
  }
}

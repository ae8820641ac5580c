import BelayBase
import BelayDrivers
import Foundation
import SystemPackage

/// Removes a driver, its record, its signature and its previous version from a folder.
package enum DriverRemoval {
  /// - Returns: The path of the driver that was removed.
  /// - Throws: `.notFound` if the folder has no such driver.
  package static func remove(_ name: String, from folder: String, forAll: Bool) throws(BelayError) -> String {
    let path = folder + "/" + DriverFileName.of(name)
    var status = stat()
    guard lstat(path, &status) == 0 else {
      throw BelayError(
        .notFound, "no driver \(name) is installed in \(folder)", hint: "belay driver which \(name)",
        state: "nothing was changed")
    }
    let lock = try FolderLock(FilePath(folder))
    return try withExtendedLifetime(lock) { () throws(BelayError) in
      do throws(Errno) {
        // The driver first: without its record it would still be loaded.
        try DriverInstallation.remove(FilePath(path))
        try Durable.syncFolder(FilePath(folder))
        for end in [".json", ".sig", ".previous"] { try DriverInstallation.remove(FilePath(path + end)) }
        try Durable.syncFolder(FilePath(folder))
      } catch {
        throw DriverInstallation.failure("cannot remove \(path)", error, forAll: forAll)
      }
      return path
    }
  }
}

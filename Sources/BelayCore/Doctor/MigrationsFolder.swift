import BelayBase
import Foundation

/// The migrations folder as it lies on the disk.
struct MigrationsFolder {
  let path: String

  private var isThere: Bool {
    var isFolder: ObjCBool = false
    return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
  }

  /// Without the database, which knows what is applied.
  func alone() -> [DoctorList.Entry] {
    [isThere ? DoctorList.Entry(.folder, .ok, path) : DoctorList.Entry(.folder, .warning, "there is no folder \(path)")]
  }

  /// - Parameter error: why its files cannot be planned.
  func failed(_ error: BelayError) -> [DoctorList.Entry] {
    guard isThere else { return [.init(.folder, refusal: error), .init(.migrations, .unknown, "there is no folder")] }
    return [.init(.folder, .ok, path), .init(.migrations, refusal: error)]
  }
}

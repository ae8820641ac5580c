import BelayBase
import Foundation
import SystemPackage

/// The names in a folder of the store.
enum FolderListing {
  /// In no order; none where there is no such folder. Hidden ones are left out.
  static func names(_ folder: FilePath) throws(BelayError) -> [String] {
    do {
      return try FileManager.default.contentsOfDirectory(atPath: folder.string).filter { !$0.hasPrefix(".") }
    } catch CocoaError.fileReadNoSuchFile, CocoaError.fileNoSuchFile {
      return []
    } catch {
      throw BelayError(.failed, "cannot read the folder \(folder)", causes: [error.localizedDescription])
    }
  }
}

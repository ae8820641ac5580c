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

  /// Of all files below it, for people; links are not followed. What cannot be looked at is not counted.
  static func bytes(_ folder: FilePath) -> UInt64 {
    var sum: UInt64 = 0
    guard let names = FileManager.default.enumerator(atPath: folder.string) else { return 0 }
    for case let name as String in names {
      var info = stat()
      if lstat(folder.appending(name).string, &info) == 0, info.st_mode & S_IFMT == S_IFREG {
        sum += UInt64(info.st_size)
      }
    }
    return sum
  }
}
